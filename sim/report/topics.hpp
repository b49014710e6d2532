/// What `explain` knows about outcomes, metrics and exit codes. Keys and error codes come from the scenario layer.
#pragma once

#include <string>
#include <vector>

namespace firstbyte::report {

struct Topic {
    std::string name;
    std::string text; ///< prose; paragraphs are separated by a newline
};

[[nodiscard]] std::vector<Topic> outcome_topics(); ///< codes, causes, timers, views of the client, and event_topics()
[[nodiscard]] std::vector<Topic> event_topics();   ///< kinds of events, ways in which origins fail
[[nodiscard]] std::vector<Topic> metric_topics();  ///< one for each metric
[[nodiscard]] std::vector<Topic> general_topics(); ///< exit codes, statistics

} // namespace firstbyte::report
