/// Random quantities of a scenario: `{ "dist": "lognormal", "median": "25ms", "p99": "120ms" }`.
#pragma once

#include "firstbyte/scenario.hpp"
#include "scenario/faults.hpp"
#include "scenario/keys.hpp"
#include "scenario/units.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace firstbyte::scenario {

/// One parameter of a distribution.
struct DistributionParameter {
    enum class Type : std::uint8_t {
        Own,         ///< a value in the key's own unit
        Positive,    ///< a plain number above 0
        NotNegative, ///< a plain number, at least 0
        Values,      ///< list of values in the key's own unit
        Weights,     ///< list of plain numbers, at least 0
        Points,      ///< list of [value, probability]
        Text,
    };
    std::string name;
    Type type = Type::Own;
    bool required = true;
    std::string noun, doc;
};

struct DistributionShape {
    std::string name;
    std::vector<DistributionParameter> parameters;
    bool counts_only = false;
    bool supported = true;
};

/// Every distribution of the format, in its order.
[[nodiscard]] const std::vector<DistributionShape>& distribution_shapes();

[[nodiscard]] bool is_draw(Kind kind);

/// One value in the unit of a D key, in base units (ns, bytes, plain).
[[nodiscard]] Parsed<double> draw_value(const Key& key, const Node& node);
/// The key whose range the parameters of a distribution keep. A size may be drawn as 0 where a constant may not be.
[[nodiscard]] Key parameter_key(const Key& key);
/// Its normal text as JSON: "25ms" with quotes, or a number.
[[nodiscard]] std::string draw_value_text(Kind kind, double value);

/// Reports every fault of a constant or a distribution object; marks faulty nodes.
void check_draw(Faults& faults, const Key& key, Node& node);

/// The sampler's parameters. @pre the node is free of faults
[[nodiscard]] Distribution read_draw(const Key& key, const Node& node);

} // namespace firstbyte::scenario
