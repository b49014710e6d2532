/// Idle timeouts of known servers.
#pragma once

#include "firstbyte/units.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace firstbyte::scenario {

/// Of an origin without a preset: nginx's built-in keepalive_timeout.
inline constexpr Duration origin_idle_timeout_default = std::chrono::seconds{75};

/// Every preset, separated by blanks.
[[nodiscard]] std::string preset_names();
/// How long a known server keeps an idle connection of its client; none: for ever.
[[nodiscard]] std::optional<Duration> preset_idle_timeout(std::string_view preset);

} // namespace firstbyte::scenario
