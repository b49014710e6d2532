/// Two stored variants and what changed between them as one result document, for every form of output.
#pragma once

#include "report/json_text.hpp"
#include "report/stored_side.hpp"

#include <string>
#include <vector>

namespace firstbyte::report {

/// A side of the document: whose numbers, and what the document calls them.
struct JoinedSide {
    const StoredVariant& stored;
    std::string name;
};

/// A result of kind "compare" without thresholds. What cannot be shown side by side (events, timelines of other
/// buckets) is the variant's or left out, and `remarks` says so.
/// @param comparisons  rows as result.json has them, with the sides' names
/// @param remarks      what is to be known of the comparison, a sentence each
[[nodiscard]] Json joined_result(const JoinedSide& baseline, const JoinedSide& variant, Json comparisons,
                                 std::vector<std::string> remarks);

} // namespace firstbyte::report
