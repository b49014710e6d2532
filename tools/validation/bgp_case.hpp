/// A case of BGP routing whose outcome others got: the format of tests/conformance/bgp/README.md.
#pragma once

#include "firstbyte/ids.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace firstbyte::validate {

/// The route of one AS, as far as the case says.
struct BgpRoute {
    AsNumber origin = 0;
    std::optional<AsNumber> next_hop;
    std::optional<std::vector<AsNumber>> path; ///< as received
    std::uint32_t length = 0;
    std::string learned_from; ///< origin, customer, peer or provider; empty: not said
};
using BgpOutcome = std::map<AsNumber, std::optional<BgpRoute>>; ///< none: no route

struct BgpAnnouncement {
    AsNumber asn = 0;
    std::string prefix;
    std::uint32_t prepend = 0;
    std::vector<std::pair<AsNumber, std::uint32_t>> prepend_to;
    std::optional<std::vector<AsNumber>> only_to;
    std::vector<AsNumber> path; ///< what the neighbours receive, when it is forged or leaked; else empty
};

/// An authorisation to originate (RFC 6482), for this prefix and nothing in it.
struct BgpRoa {
    std::string prefix;
    AsNumber origin = 0;
};

/// What happens after the routes have converged.
struct BgpEvent {
    enum class Kind : std::uint8_t {
        Withdraw,
        LinkDown,    ///< all links of the AS, carrier lost
        SilentDeath, ///< of the AS
        Other,
    };
    Kind kind = Kind::Withdraw;
    std::vector<AsNumber> ases;
    double hold_s = 9, keepalive_s = 3; ///< of a silent death, when the case names no other
};

/// What real daemons did after the event, with one MRAI.
struct BgpConvergence {
    struct Update {
        double at_s = 0;
        AsNumber to = 0;
        std::vector<AsNumber> path; ///< empty: a withdrawal
    };
    double mrai_s = 0;
    double first_update_s = 0, last_update_s = 0;     ///< after the event
    std::uint64_t announcements = 0, withdrawals = 0; ///< received
    std::vector<Update> received;
};

struct BgpCase {
    std::string folder, file;
    std::string id;
    std::string set; ///< up to the first '-' of the file's name: who made it
    std::vector<std::string> needs;
    bool no_policy = false; ///< every route goes to every neighbour, no preference by relation
    bool any_of = false;    ///< several outcomes are right
    std::string graph;      ///< file of relationships, relative to a folder above the case; empty: the links below
    std::vector<std::pair<AsNumber, AsNumber>> links; ///< [provider, customer]
    std::vector<std::pair<AsNumber, AsNumber>> peers;
    std::vector<BgpAnnouncement> announcements;
    std::map<AsNumber, std::string> policies; ///< what ASes do besides, such as "rov"
    std::vector<BgpRoa> roas;
    BgpOutcome expected;
    std::map<std::string, BgpOutcome> expected_by_prefix; ///< instead, where there are several prefixes
    std::optional<BgpEvent> event;
    BgpOutcome expected_after;
    std::vector<BgpConvergence> convergence;
    // Of a whole Internet.
    std::optional<std::uint64_t> routed, unrouted;
    std::map<std::string, std::uint64_t> catchment_size, by_class;
    std::string sha256_of_lines;
};

/// @param name  file name without folder, for faults and for `set`
/// @throws RecordError  when it is not such a case
[[nodiscard]] BgpCase parse_bgp_case(const std::string& text, const std::string& name);

/// All `*.json` of a folder, in order of their names.
/// @throws std::runtime_error  when the folder cannot be read or holds none
[[nodiscard]] std::vector<BgpCase> read_bgp_cases(const std::string& folder);

} // namespace firstbyte::validate
