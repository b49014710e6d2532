/// Faults and failed thresholds for the machines that show them beside the source: GitHub, GitLab, SARIF.
#include "core/sha256.hpp"
#include "core/version.hpp"
#include "firstbyte/outputs.hpp"
#include "report/json_text.hpp"
#include "report/result_rows.hpp"

#include <map>

#include <fmt/format.h>

namespace firstbyte {
namespace {

using report::Json;

/// GitHub's toolkit escapes data of workflow commands so; in properties ":" and "," as well.
std::string escaped(const std::string& text, bool property) {
    std::string out;
    for (const char c : text) {
        const bool special = c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ','));
        out += special ? fmt::format("%{:02X}", static_cast<unsigned char>(c)) : std::string(1, c);
    }
    return out;
}

bool is_error(const Issue& issue) { return issue.severity == Issue::Severity::Error; }

std::string message_of(const Issue& issue) {
    std::string text = issue.message;
    if (!issue.path.empty()) text += "   " + issue.path;
    return issue.suggestion.empty() ? text : text + "   " + issue.suggestion;
}

Json quality_entry(const std::string& file, int line, const std::string& check, const std::string& text, bool error) {
    // The fingerprint tells GitLab which entries of two reports are the same one.
    return {{"description", text},
            {"check_name", check},
            {"fingerprint", sha256_hex(file + "\n" + check + "\n" + text).substr(0, 32)},
            {"severity", error ? "major" : "minor"},
            {"location", {{"path", file}, {"lines", {{"begin", line > 0 ? line : 1}}}}}};
}

Json sarif_result(const std::string& file, const Issue& issue) {
    Json region{{"startLine", issue.line > 0 ? issue.line : 1}};
    if (issue.line > 0 && issue.column > 0) {
        region["startColumn"] = issue.column;
        region["endColumn"] = issue.column + (issue.length > 0 ? issue.length : 1);
    }
    return {{"ruleId", issue.code},
            {"level", is_error(issue) ? "error" : "warning"},
            {"message", {{"text", message_of(issue)}}},
            {"locations",
             Json::array({{{"physicalLocation",
                            {{"artifactLocation", {{"uri", file == "-" ? "stdin" : file}}}, {"region", region}}}}})}};
}

} // namespace

std::vector<ThresholdNote> threshold_notes(const std::string& result) {
    std::vector<ThresholdNote> notes;
    for (const report::ThresholdWords& words : report::threshold_words(report::read_result(result))) {
        if (words.status != "failed" && words.status != "warned") continue;
        notes.push_back(
            {words.expression, report::sentence_of(words), words.variant, words.line, words.status == "failed"});
    }
    return notes;
}

std::string github_annotations(const std::string& file, const std::vector<Issue>& issues) {
    std::string out;
    for (const Issue& issue : issues) {
        out += fmt::format("::{} file={}", is_error(issue) ? "error" : "warning", escaped(file, true));
        if (issue.line > 0) out += fmt::format(",line={},col={}", issue.line, issue.column);
        out += fmt::format(",title=firstbyte {}::{}\n", escaped(issue.code, true), escaped(message_of(issue), false));
    }
    return out;
}

std::string github_annotations(const std::string& file, const std::vector<ThresholdNote>& notes) {
    std::string out;
    for (const ThresholdNote& note : notes) {
        out += fmt::format("::{} file={}", note.failed ? "error" : "warning", escaped(file, true));
        if (note.line > 0) out += fmt::format(",line={}", note.line);
        out += ",title=firstbyte threshold::" + escaped(note.message, false);
        if (note.variant != "base") out += escaped(" in variant " + note.variant, false);
        out += "\n";
    }
    return out;
}

std::string gitlab_code_quality(const std::string& file, const std::vector<Issue>& issues,
                                const std::vector<ThresholdNote>& notes) {
    Json out = Json::array();
    for (const Issue& issue : issues)
        out.push_back(quality_entry(file, issue.line, issue.code, message_of(issue), is_error(issue)));
    for (const ThresholdNote& note : notes)
        out.push_back(
            quality_entry(file, note.line, "threshold", note.message + " in variant " + note.variant, note.failed));
    return report::json_text(out, 1);
}

std::string issues_sarif(const std::vector<FileIssues>& files) {
    Json results = Json::array(), rules = Json::array();
    std::map<std::string, bool> codes;
    for (const FileIssues& file : files) {
        for (const Issue& issue : file.issues) {
            codes[issue.code] = true;
            results.push_back(sarif_result(file.file, issue));
        }
    }
    for (const auto& entry : codes)
        rules.push_back({{"id", entry.first},
                         {"shortDescription", {{"text", "firstbyte explain " + entry.first}}},
                         {"defaultConfiguration", {{"level", entry.first.front() == 'W' ? "warning" : "error"}}}});
    const Json sarif{
        {"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
        {"version", "2.1.0"},
        {"runs", Json::array({{{"tool", {{"driver", {{"name", "firstbyte"}, {"version", version}, {"rules", rules}}}}},
                               {"columnKind", "unicodeCodePoints"},
                               {"results", results}}})}};
    constexpr int levels = 4;
    return report::json_text(sarif, levels);
}

} // namespace firstbyte
