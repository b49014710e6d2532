/// How routes came to rest after each event: as JSON, as cells of a table and as a sentence.
#pragma once

#include "report/json_text.hpp"

#include "firstbyte/results.hpp"
#include "firstbyte/settling.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace firstbyte::report {

/// Adds `clients`, `ases` and `steps` to a row.
void put_settling(Json& row, const Settling& settling);
/// One row for each event that moved routes, in order of time.
[[nodiscard]] Json settling_rows(const Results& results);

/// What was changed at one instant for one prefix: how its routes came to rest cannot be told apart.
struct ChangedTogether {
    std::string variant;
    std::int64_t at_ns = 0;
    std::string event;         ///< "fra withdrawn, iad withdrawn at 120 s"
    const Json* row = nullptr; ///< the first of them; all have the same numbers
};
/// @param rows  `convergence` of a result, which must outlive the answer
[[nodiscard]] std::vector<ChangedTogether> by_instant(const Json& rows);
/// What a row says behind its event: "half of the 400 clients that moved ...".
/// @param people  all clients there are; 0: not known
[[nodiscard]] std::string settling_finding(const Json& row, std::uint64_t people);

struct SettlingCell {
    std::string text;
    std::optional<double> order; ///< of a number: counts, ns
};
/// Headings of a table with one row an event, and that row's cells.
[[nodiscard]] std::vector<std::string> settling_heads(bool with_variant);
[[nodiscard]] std::vector<SettlingCell> settling_cells(const Json& row, bool with_variant);

} // namespace firstbyte::report
