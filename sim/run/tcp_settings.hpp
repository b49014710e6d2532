/// Settings of TCP's ends out of a scenario's values.
#pragma once

#include "cdn/world.hpp"
#include "firstbyte/scenario.hpp"
#include "tcp/settings.hpp"

#include <vector>

namespace firstbyte {

/// One end of a leg.
[[nodiscard]] tcp::Settings settings_of(const TcpEnd& end);

/// Client sides of a group's connections: one for each entry of its script, or one for all.
[[nodiscard]] std::vector<tcp::Settings> settings_of_connections(const TcpEnd& leg, const ClientGroup& client);

/// A further listener; what it does not say of itself it has from the leg.
[[nodiscard]] cdn::FurtherListener listener_of(const Listener& listener, const TcpEnd& leg);

} // namespace firstbyte
