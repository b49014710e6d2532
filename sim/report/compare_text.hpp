/// The text of a comparison, whether it was simulated a moment ago or read from stored results.
#pragma once

#include "report/comparison.hpp"

#include <string>
#include <vector>

namespace firstbyte::report {

/// One variant beside the baseline.
struct Compared {
    std::string baseline_label, name, label; ///< headings of the two columns, and the variant's name in the verdict
    Pair all;
    std::vector<GroupRow> groups;
    GroupBy by = GroupBy::Rtt;
    std::vector<Statistic> statistics; ///< rows of the table
    bool group_reasons = true;         ///< false: the groups do not tell why connections saved nothing
};
/// Verdict, table, groups, outcomes, and of Fast Open why it gains no more.
[[nodiscard]] std::string compared_text(const Compared& compared, const Method& method);

/// "where the savings went": connections by what Fast Open did for them, with the cost of dropped SYNs and the drop
/// rate at which saving and cost are even. Empty where all connections either save a round trip or are a first visit:
/// then one sentence says it.
[[nodiscard]] std::string savings_text(const Pair& pair);

} // namespace firstbyte::report
