/// Single values: is it one of its kind, and what does it say.
#pragma once

#include "firstbyte/scenario.hpp"
#include "scenario/document.hpp"
#include "scenario/keys.hpp"
#include "scenario/units.hpp"

#include <optional>
#include <string>
#include <utility>

namespace firstbyte::scenario {

/// What is wrong with one value of a key that is neither an object nor a distribution; none when it is right.
[[nodiscard]] std::optional<ValueFault> check_value(const Key& key, const Node& node);

/// Why `value`, in base units, is outside the key's range; none when it is inside.
[[nodiscard]] std::optional<ValueFault> range_fault(const Key& key, double value);

/// A value to show in messages: the key's own example, its default, or one of its kind. No quotes.
[[nodiscard]] std::string example_of(const Key& key);

/// The key's line of text, with the range of a size that has one: neither a pattern nor a kind can say it.
[[nodiscard]] std::string doc_of(const Key& key);

// The value of a node that check_value has accepted; the empty value of the type when it has not.
[[nodiscard]] Duration as_duration(const Node& node);
[[nodiscard]] Bytes as_size(const Node& node);
[[nodiscard]] BitRate as_bit_rate(const Node& node); ///< "unlimited" is 0
[[nodiscard]] EventRate as_event_rate(const Node& node);
[[nodiscard]] double as_share(const Node& node);
[[nodiscard]] double as_number(const Node& node);
[[nodiscard]] int as_int(const Node& node);
[[nodiscard]] std::uint64_t as_seed(const Node& node);
[[nodiscard]] AsNumber as_asn(const Node& node);
[[nodiscard]] Place as_place(const Node& node);
[[nodiscard]] double as_quantile(const Node& node); ///< "p99.9" is 0.999

/// "1000 packets": the number; none when the queue is given as a size.
[[nodiscard]] std::optional<std::uint32_t> packets_of(const Node& node);

} // namespace firstbyte::scenario
