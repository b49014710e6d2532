/// What becomes of a finished report: stdout, files, and the CI system that waits for it.
#include "command_line.hpp"
#include "common.hpp"
#include "paint.hpp"

#include "firstbyte/outputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <set>

namespace firstbyte::tools {
namespace {

/// A name that every file system takes.
std::string file_part(const std::string& name) {
    std::string out;
    for (const char c : name) {
        const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
                           c == '_' || c == '=' || c == '.';
        out += plain ? c : '_';
    }
    return out.empty() ? "_" : out;
}

/// "latency.hgrm" and the variant "tfo-on": "latency.tfo-on.hgrm". A name taken before gets a number.
std::string path_of_variant(const std::string& path, const std::string& variant, std::set<std::string>& taken) {
    const std::filesystem::path whole{path};
    const std::string stem = (whole.parent_path() / whole.stem()).string() + "." + file_part(variant);
    std::string name = stem + whole.extension().string();
    for (int n = 2; !taken.insert(name).second; ++n) name = fmt::format("{}.{}{}", stem, n, whole.extension().string());
    return name;
}

} // namespace

std::vector<std::string> result_kinds() { return {"json", "html", "md", "csv", "sqlite", "hgrm", "junit", "records"}; }

std::string written_as(const std::string& kind, const std::string& result, const std::string& file,
                       const std::string& command) {
    if (kind == "html") return result_html(result, command);
    if (kind == "md") return result_markdown(result);
    if (kind == "csv") return result_csv(result);
    if (kind == "records") return records_csv(result);
    if (kind == "sqlite") return result_sqlite(result);
    if (kind == "hgrm") return result_hgrm(result, 0);
    if (kind == "junit") return result_junit(result, file);
    return result.ends_with('\n') ? result : result + '\n';
}

std::vector<std::string> write_output(const OutputFile& output, const std::string& result, const std::string& file,
                                      const std::string& command) {
    const std::vector<std::string> variants = result_variants(result);
    if (output.kind != "hgrm" || variants.size() == 1) {
        write_file(output.path, written_as(output.kind, result, file, command));
        return {output.path};
    }
    std::vector<std::string> paths;
    std::set<std::string> taken;
    for (std::size_t i = 0; i < variants.size(); ++i) {
        paths.push_back(path_of_variant(output.path, variants[i], taken));
        write_file(paths.back(), result_hgrm(result, i));
    }
    return paths;
}

void append_step_summary(const std::string& markdown) {
    const char* path = std::getenv("GITHUB_STEP_SUMMARY");
    if (path == nullptr || *path == '\0') {
        print_error("--ci github: GITHUB_STEP_SUMMARY is not set, so there is no step summary");
        return;
    }
    std::FILE* file = std::fopen(path, "ab");
    const bool written = file != nullptr && std::fwrite(markdown.data(), 1, markdown.size(), file) == markdown.size();
    const bool closed = file != nullptr && std::fclose(file) == 0;
    if (!written || !closed) throw std::runtime_error(fmt::format("cannot write {} (GITHUB_STEP_SUMMARY)", path));
}

void print_annotations(const std::string& annotations, bool stdout_is_text) {
    if (annotations.empty()) return;
    if (stdout_is_text)
        print_result(annotations);
    else
        print_error(annotations); // GitHub reads both streams of a step
    flush_result();
}

int telling_faults(const std::string& file, const std::string& ci, const std::vector<OutputFile>& files,
                   const std::function<int()>& work) {
    try {
        return work();
    } catch (const ScenarioError& error) {
        for (const OutputFile& output : files) {
            if (output.kind != "junit") continue;
            const std::string xml = faults_junit(file, error.issues());
            if (output.path == "-")
                print_result(xml);
            else
                write_file(output.path, xml);
        }
        if (ci == "gitlab") write_file(gitlab_report, gitlab_code_quality(file, error.issues(), {}));
        if (ci == "github") print_annotations(github_annotations(file, error.issues()), false);
        throw;
    }
}

void print_delivery(const Delivery& what, const std::string& format, const std::vector<OutputFile>& files,
                    const Look& look) {
    const std::string command = shell_text(look.command, what.seed);
    const auto on_stdout = std::find_if(files.begin(), files.end(), [](const OutputFile& f) { return f.path == "-"; });
    // -o json:- is asked for by name, so not even -qq takes it away, and text would spoil it.
    if (on_stdout != files.end())
        print_bytes(written_as(on_stdout->kind, what.result, what.file, command));
    else if (format != "text" && look.quiet < 2)
        print_result(written_as(format, what.result, what.file, command));
    else if (look.quiet == 0)
        print_result(painted(what.text, look, stdout));
    else if (look.quiet == 1)
        print_result(what.verdict);
    flush_result();
}

void write_files(const Delivery& what, const std::vector<OutputFile>& files, const Look& look) {
    const std::string command = shell_text(look.command, what.seed);
    for (const OutputFile& output : files) {
        if (output.path == "-") continue;
        for (const std::string& path : write_output(output, what.result, what.file, command))
            if (look.quiet == 0) print_error("wrote " + path);
    }
}

void tell_ci(const Delivery& what, const std::string& format, const std::string& ci) {
    if (ci == "github") {
        append_step_summary(result_markdown(what.result));
        print_annotations(github_annotations(what.file, threshold_notes(what.result)), format == "text");
    } else if (ci == "gitlab") {
        write_file(gitlab_report, gitlab_code_quality(what.file, {}, threshold_notes(what.result)));
        print_error(std::string{"wrote "} + gitlab_report);
    }
}

int deliver(const Report& report, const std::string& text, const std::string& verdict, const ScenarioOptions& options,
            const ResultOptions& results, const std::vector<OutputFile>& files, const Look& look) {
    const bool only_text = options.format == "text" && files.empty() && results.ci == "none";
    const Delivery what{text, verdict, only_text ? "" : result_json(report), report.scenario->file,
                        std::to_string(report.options.seed)};
    print_delivery(what, options.format, files, look);
    if (report.threshold_failed() && look.quiet == 0) print_error(threshold_verdict(report));
    write_files(what, files, look);
    if (!report.options.complete && look.quiet < 2)
        print_error(fmt::format("interrupted: the result holds the first {} of {} replications.",
                                report.variants.front().results->replications.size(),
                                report.scenario->run.replications));
    tell_ci(what, options.format, results.ci);
    if (!report.options.complete) return GracefulStop::exit_code();
    return report.threshold_failed() && !results.exit_zero ? exit_threshold : exit_ok;
}

} // namespace firstbyte::tools
