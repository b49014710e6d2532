/// Sequence number arithmetic: numbers wrap, so they compare by distance (RFC 9293 section 3.4).
#pragma once

#include <cstdint>

namespace firstbyte::tcp {

using Seq = std::uint32_t;

constexpr bool seq_before(Seq a, Seq b) { return static_cast<std::int32_t>(a - b) < 0; }
constexpr bool seq_after(Seq a, Seq b) { return seq_before(b, a); }
constexpr bool seq_at_or_before(Seq a, Seq b) { return !seq_after(a, b); }
constexpr bool seq_at_or_after(Seq a, Seq b) { return !seq_before(a, b); }
constexpr Seq seq_max(Seq a, Seq b) { return seq_before(a, b) ? b : a; }

} // namespace firstbyte::tcp
