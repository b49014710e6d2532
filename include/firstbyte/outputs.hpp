/// A finished result in the forms that other programs read. Every writer takes the text of a result.json, so that what
/// was stored yesterday can be written anew without a simulation, and none of them knows the time of day or the host.
#pragma once

#include "firstbyte/results.hpp"
#include "firstbyte/scenario.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace firstbyte {

/// Largest Markdown that is written, bytes. GitHub drops a step summary beyond 1 MiB as a whole; a sixteenth of that
/// leaves room for other steps of the job.
inline constexpr std::size_t markdown_bytes_max = 65'536;

/// Headings from level 3 on, failed thresholds first, one traced connection as a Mermaid diagram if there is one.
/// @param result  text of a result.json, format 1
/// @throws std::runtime_error  when `result` is not one
[[nodiscard]] std::string result_markdown(const std::string& result);

/// The report as one HTML file that needs nothing else: the sections that have data, charts as static SVG, every number
/// in a table; scripts only add to it. Same result, same bytes.
/// @param command  that makes the result again, for the section Method; may be empty
/// @throws std::runtime_error  when `result` is not one, or when the shipped outline of the land is missing
[[nodiscard]] std::string result_html(const std::string& result, const std::string& command);
/// Whether the HTML report has its scripts: not in a program that was built without npm.
[[nodiscard]] bool html_has_scripts();

/// JUnit XML, one test case for each threshold and variant. What failed stands in the body as well as in the attribute,
/// since GitLab does not show the attribute.
/// @param file  the scenario, for "file:line"; empty when it is not known
[[nodiscard]] std::string result_junit(const std::string& result, const std::string& file);

/// JUnit XML of a scenario that could not be run: one test case with one <error> for each fault.
[[nodiscard]] std::string faults_junit(const std::string& file, const std::vector<Issue>& issues);

/// One row per variant, metric, labels and statistic: variant,metric,labels,stat,value,unit,ci_low,ci_high,n (RFC
/// 4180).
[[nodiscard]] std::string result_csv(const std::string& result);

/// One row per request that the result keeps, with a heading; times in ns (RFC 4180).
/// @throws std::runtime_error  when it keeps none
[[nodiscard]] std::string records_csv(const std::string& result);

/// Percentiles of the time to first byte, ms, as the plotters of HdrHistogram read them.
/// @param variant  which of the result's variants, by position
[[nodiscard]] std::string result_hgrm(const std::string& result, std::size_t variant);

/// Bytes of an SQLite database: tables run, variant, metric, comparison, threshold, event, cause, request, views v_*;
/// PRAGMA user_version is the format.
[[nodiscard]] std::string result_sqlite(const std::string& result);

/// Chrome's trace-event JSON, which ui.perfetto.dev opens: a track per connection with its phases as nested slices,
/// packets as instants.
[[nodiscard]] std::string trace_perfetto(const std::vector<TraceConnection>& traces);

/// Names of the variants of a result, the baseline first.
[[nodiscard]] std::vector<std::string> result_variants(const std::string& result);

/// How a threshold came out, as a sentence and as a place.
struct ThresholdNote {
    std::string expression, message; ///< "p99(ttfb) is 1 214.0 ms, limit 900.0 ms (35 % over)"
    std::string variant;
    int line = 0;
    bool failed = false; ///< else it warned
};
/// Thresholds of a result that failed or warned, failures first.
[[nodiscard]] std::vector<ThresholdNote> threshold_notes(const std::string& result);

/// Workflow commands of GitHub Actions, one a line: `::error file=..,line=..,title=..::text`.
[[nodiscard]] std::string github_annotations(const std::string& file, const std::vector<Issue>& issues);
[[nodiscard]] std::string github_annotations(const std::string& file, const std::vector<ThresholdNote>& notes);
/// GitLab's code-quality report (a JSON array in the form of Code Climate).
[[nodiscard]] std::string gitlab_code_quality(const std::string& file, const std::vector<Issue>& issues,
                                              const std::vector<ThresholdNote>& notes);

/// The faults of one file, for reports on several.
struct FileIssues {
    std::string file;
    std::vector<Issue> issues;
};
/// SARIF 2.1.0 for code scanning.
[[nodiscard]] std::string issues_sarif(const std::vector<FileIssues>& files);

} // namespace firstbyte
