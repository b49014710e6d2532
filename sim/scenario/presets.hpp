/// Idle timeouts of known servers.
#pragma once

#include "firstbyte/units.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace firstbyte::scenario {

/// Every preset, separated by blanks.
[[nodiscard]] std::string preset_names();
/// How long a known server keeps an idle connection of its client; none: for ever.
[[nodiscard]] std::optional<Duration> preset_idle_timeout(std::string_view preset);

} // namespace firstbyte::scenario
