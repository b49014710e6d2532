/// TCP settings of the legs, and of single connections.
#pragma once

#include "scenario/object_values.hpp"
#include "scenario/profiles.hpp"

namespace firstbyte::scenario {

[[nodiscard]] TcpLeg read_client_edge(const Values& from, const Profile& profile);
[[nodiscard]] TcpLeg read_edge_origin(const Values& from, const Profile& profile);

/// What a script entry sets for its own connection.
[[nodiscard]] ConnectionTcp read_connection_tcp(const Values& from);

} // namespace firstbyte::scenario
