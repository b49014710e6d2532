#include "scenario/profiles.hpp"

#include "core/check.hpp"
#include "scenario/keys.hpp"

#include <utility>

namespace firstbyte::scenario {

namespace {

// Cloudflare publishes the spacing in its page on error 522; it is Linux with tcp_syn_retries = 3 and
// tcp_syn_linear_timeouts = 4. The older one is the same without linear timeouts.
constexpr const char* schedule_19s = R"(["1s", "1s", "1s", "1s", "1s", "2s", "4s", "8s"])";
constexpr const char* schedule_15s = R"(["1s", "2s", "4s", "8s"])";

// Cloudflare: "Connection limits" and the pages on errors 499, 520, 522 and 524, in their revisions of 2024, 2025 and
// today; IBM Cloud Internet Services: the same pages of its documentation. Read timeouts and the SYN schedule are what
// the revisions differ in.
const std::vector<Profile>& profiles() {
    // Towards users Linux's interval and count; towards origins two unanswered probes, 15 s apart in the revisions that
    // publish the interval. Model choice: where only "30" is published, both waits are 30 s.
    static const ProfileKeepalive users{"400s", "75s", "9"}, users_2024{"300s", "75s", "9"};
    static const ProfileKeepalive origin_30_15{"30s", "15s", "2"}, origin_30_30{"30s", "30s", "2"};
    static const std::vector<Profile> table{
        {"cloudflare", "400s", schedule_19s, "2", "90s", "900s", "125s", "30s", "128KiB", "close", users, origin_30_15,
         true, false},
        {"ibm-cis", "400s", schedule_15s, "2", "90s", "900s", "100s", "30s", "16KiB", "close", users, origin_30_30,
         false, false},
        {"cloudflare-2024", "400s", schedule_15s, "2", "90s", "900s", "100s", "30s", "16KiB", "probe", users_2024,
         origin_30_30, true, true},
        {"cloudflare-2025", "400s", schedule_19s, "2", "90s", "900s", "120s", "30s", "32KiB", "close", users,
         origin_30_15, true, false},
    };
    return table;
}

} // namespace

const Profile& profile_called(std::string_view name) {
    for (const Profile& profile : profiles()) {
        if (profile.name == name) return profile;
    }
    return profiles().front();
}

const std::string& profile_value(const Profile& profile, const Key& key) {
    if (key.path == "tcp.client_edge.idle_timeout") return profile.client_idle_timeout;
    for (const auto& [leg, keepalive] : {std::pair{"tcp.client_edge", &profile.client_keepalive},
                                         std::pair{"tcp.edge_origin", &profile.origin_keepalive}}) {
        const std::string in = std::string{leg} + ".keepalive.";
        if (key.path == in + "idle") return keepalive->idle;
        if (key.path == in + "interval") return keepalive->interval;
        if (key.path == in + "probes") return keepalive->probes;
    }
    if (key.path == "edge.timeouts.syn_schedule") return profile.syn_schedule;
    if (key.path == "edge.retry.connect_attempts") return profile.connect_attempts;
    if (key.path == "edge.timeouts.ack") return profile.ack;
    if (key.path == "edge.origin_pool.idle_timeout") return profile.pool_idle_timeout;
    if (key.path == "edge.timeouts.write") return profile.write;
    if (key.path == "edge.timeouts.header_limit") return profile.header_limit;
    if (key.path == "edge.idle_action") return profile.idle_action;
    FB_ASSERT(key.path == "edge.timeouts.read", "every key with a profile's default is a row of the profile");
    return profile.read;
}

} // namespace firstbyte::scenario
