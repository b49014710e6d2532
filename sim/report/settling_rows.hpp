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

/// "fra withdrawn at 120 s", of a row of a result, or "fra withdrawn, iad withdrawn at 120 s" of several at one
/// instant.
[[nodiscard]] std::string settling_event(const std::vector<const Json*>& rows);
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
