/// What `explain` knows about outcomes, timers, events, metrics and exit codes. Keys and error codes come from the
/// scenario layer.
#pragma once

#include <string>
#include <vector>

namespace firstbyte::report {

struct Topic {
    std::string name;
    std::string text; ///< prose; paragraphs are separated by a newline
};

[[nodiscard]] std::vector<Topic> code_topics(); ///< statuses
[[nodiscard]] std::vector<Topic> cause_topics();
[[nodiscard]] std::vector<Topic> view_topics();  ///< what clients see
[[nodiscard]] std::vector<Topic> timer_topics(); ///< whose end decides an outcome, or closes an idle connection
[[nodiscard]] std::vector<Topic> event_topics();
[[nodiscard]] std::vector<Topic> mode_topics();    ///< ways in which origins fail
[[nodiscard]] std::vector<Topic> metric_topics();  ///< one for each metric
[[nodiscard]] std::vector<Topic> general_topics(); ///< exit codes, statistics

} // namespace firstbyte::report
