/// JUnit XML. Elements and attributes are those of tests/report/junit.xsd.
#include "firstbyte/outputs.hpp"
#include "report/format.hpp"
#include "report/result_rows.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace firstbyte {
namespace {

using namespace report;

/// XML 1.0, section 2.2: characters that no escape makes legal become U+FFFD.
std::string xml(const std::string& text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        switch (c) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '"': out += "&quot;"; break;
        case '\n': out += "&#10;"; break;
        case '\t': out += "&#9;"; break;
        default: out += byte < 0x20 || byte == 0x7f ? "\xEF\xBF\xBD" : std::string(1, c);
        }
    }
    return out;
}

/// Files hold no wall-clock time, or the same result would not have the same bytes; readers want the attribute.
constexpr const char* no_time = "0";

std::string body_of(const ThresholdWords& words, const std::string& file) {
    std::string text = sentence_of(words);
    if (!words.note.empty()) text += "\nnote: " + words.note;
    if (!file.empty() && words.line > 0) text += fmt::format("\n{}:{}", file, words.line);
    return text;
}

std::string case_of(const ThresholdWords& words, const std::string& name, const std::string& file) {
    std::string out = fmt::format(R"(    <testcase classname="{}.{}" name="{}" time="{}")", xml(name),
                                  xml(words.variant), xml(words.expression), no_time);
    if (!file.empty()) out += fmt::format(R"( file="{}" line="{}")", xml(file), words.line);
    const std::string body = xml(body_of(words, file));
    if (words.status == "failed")
        return out + fmt::format(">\n      <failure message=\"{}\" type=\"threshold\">{}</failure>\n    </testcase>\n",
                                 xml(sentence_of(words)), body);
    if (words.status == "warned")
        return out + fmt::format(">\n      <system-out>warning: {}</system-out>\n    </testcase>\n", body);
    if (words.status == "skipped")
        return out + fmt::format(">\n      <skipped message=\"{}\"/>\n    </testcase>\n", xml(words.reason));
    return out + fmt::format(">\n      <system-out>{}</system-out>\n    </testcase>\n", body);
}

std::string suites(const std::string& name, std::size_t tests, std::ptrdiff_t failures, std::size_t errors,
                   std::ptrdiff_t skipped, const std::string& cases) {
    return fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                       "<testsuites name=\"firstbyte\" tests=\"{0}\" failures=\"{1}\" errors=\"{2}\" time=\"{3}\">\n"
                       "  <testsuite name=\"firstbyte.{4}\" tests=\"{0}\" failures=\"{1}\" errors=\"{2}\" "
                       "skipped=\"{5}\" time=\"{3}\">\n{6}  </testsuite>\n</testsuites>\n",
                       tests, failures, errors, no_time, xml(name), skipped, cases);
}

} // namespace

std::string result_junit(const std::string& result, const std::string& file) {
    const Json document = read_result(result);
    const std::string name = document.at("scenario").at("name").get<std::string>();
    const std::vector<ThresholdWords> all = threshold_words(document);
    const auto count = [&](const char* status) {
        return std::count_if(all.begin(), all.end(),
                             [&](const ThresholdWords& words) { return words.status == status; });
    };
    std::string cases;
    for (const ThresholdWords& words : all) cases += case_of(words, name, file);
    return suites(name, all.size(), count("failed"), 0, count("skipped"), cases);
}

std::string faults_junit(const std::string& file, const std::vector<Issue>& issues) {
    std::string cases;
    std::size_t errors = 0;
    for (const Issue& issue : issues) {
        if (issue.severity != Issue::Severity::Error) continue;
        ++errors;
        const std::string place = fmt::format("{}:{}:{}", file, issue.line, issue.column);
        std::string body = fmt::format("{}: {}\n{}   {}", issue.code, issue.message, place, issue.path);
        if (!issue.suggestion.empty()) body += "\n" + issue.suggestion;
        cases += fmt::format("    <testcase classname=\"{0}\" name=\"{1} {2}\" time=\"{3}\" file=\"{0}\" "
                             "line=\"{4}\">\n      <error message=\"{5}\" type=\"{1}\">{6}</error>\n    </testcase>\n",
                             xml(file), xml(issue.code), xml(issue.path), no_time, issue.line, xml(issue.message),
                             xml(body));
    }
    return suites("scenario", errors, 0, errors, 0, cases);
}

} // namespace firstbyte
