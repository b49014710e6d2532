/// Grammar of a threshold expression, without any knowledge of the scenario.
#pragma once

#include "firstbyte/scenario.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace firstbyte::scenario {

/// A piece of an expression and where it stands.
struct Piece {
    std::string text;
    std::size_t offset = 0;
};

/// What an expression says, word by word.
struct ParsedThreshold {
    bool saving = false;
    Piece aggregate, metric;
    std::vector<std::pair<Piece, Piece>> labels;
    Piece op, value;
    std::optional<Piece> tolerance; ///< of "+-"
};

struct ThresholdSyntaxFault {
    std::size_t offset = 0, length = 1;
    std::string message;
};

/// Parses `agg(metric{label=value, ...}) op value [+- value]`, or the same with `saving(...)` around the left side.
/// @return the fault, or none when `to` is complete
[[nodiscard]] std::optional<ThresholdSyntaxFault> parse_threshold(std::string_view text, ParsedThreshold& to);

} // namespace firstbyte::scenario
