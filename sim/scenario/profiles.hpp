/// Documented timers of CDN vendors, as defaults.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace firstbyte::scenario {

struct Key;

/// TCP keepalive of the edge's end of a leg.
struct ProfileKeepalive {
    std::string idle, interval, probes;
};

/// One column of the profile table (semantics reference, section 1.3).
struct Profile {
    std::string name;
    std::string client_idle_timeout;   ///< client.h1_keepalive_idle_s
    std::string syn_schedule;          ///< origin.syn_schedule_s, as a JSON list
    std::string connect_attempts;      ///< origin.connect_attempts
    std::string ack;                   ///< origin.ack_timeout_s
    std::string pool_idle_timeout;     ///< origin.pool_idle_s
    std::string read;                  ///< origin.read_timeout_s
    std::string write;                 ///< origin.write_timeout_s
    std::string header_limit;          ///< origin.header_limit_bytes
    std::string idle_action;           ///< client.idle_action
    ProfileKeepalive client_keepalive; ///< client.tcp_keepalive
    ProfileKeepalive origin_keepalive; ///< origin.tcp_keepalive
    bool fast_open_client = false;     ///< tfo.client
    bool fast_open_origin = false;     ///< tfo.origin
};

/// The profile called `name`; the default one for an unknown name, which is reported elsewhere.
[[nodiscard]] const Profile& profile_called(std::string_view name);

/// The profile's value of a key that has its default from there, as JSON or a bare string.
[[nodiscard]] const std::string& profile_value(const Profile& profile, const Key& key);

} // namespace firstbyte::scenario
