/// Who lands on which PoP, by which path, and why. Needs no packets.
#pragma once

#include "firstbyte/scenario.hpp"

#include <optional>
#include <string>
#include <vector>

namespace firstbyte {

/// From whom a route was learned (Gao and Rexford, 2001); Origin: the AS announces the prefix itself.
enum class LearnedFrom : std::uint8_t { Origin, Customer, Peer, Provider };
[[nodiscard]] const char* name_of(LearnedFrom relation);

/// The step of the decision that left one route over (semantics: local preference, then path length, then tie-break).
enum class DecidedBy : std::uint8_t {
    Origin,
    OnlyRoute,
    LocalPreference,
    PathLength,
    Med,
    NearestExit, ///< equally good routes: the hand-over nearest to where the client's traffic enters
    NeighborAsn,
    NeighborHash,
    RouterId,
    RttTo, ///< no topology: the least given round-trip time
};
[[nodiscard]] const char* name_of(DecidedBy step);

[[nodiscard]] const char* name_of(TieBreak rule);

/// What becomes of a client's packets.
enum class Reach : std::uint8_t {
    Pop,
    NoRoute, ///< an AS on the way, or the client's own, has no route: a black hole
    Loop,    ///< ASes send the packets in a circle until their TTL is used up
    DeadPop, ///< they arrive where nothing lives any more
};
[[nodiscard]] const char* name_of(Reach reach);

/// Where one client group goes.
struct ClientCatchment {
    GroupId group{};
    std::string client, region, country;
    AsNumber asn = 0; ///< 0 in direct mode
    std::uint32_t population = 0;
    double sessions_per_sec = 0;
    std::optional<PopId> pop; ///< none: see `reach`
    Reach reach = Reach::Pop;
    std::vector<AsNumber> as_path; ///< as received: own ASN left out, prepends in
    LearnedFrom learned_from = LearnedFrom::Origin;
    std::optional<DecidedBy> decided_by; ///< none while routes are in motion
    bool tied = false;                   ///< an AS on the way had equally good routes to other PoPs
    std::string prefix_group;            ///< prefix group whose address the client uses; empty: the common prefix
    Duration rtt{};                      ///< along the chosen path, access delay not included
    std::optional<PopId> best_pop;       ///< the PoP with the least RTT among those a direct geographic path could use
    Duration best_rtt{};
    std::vector<Place> via; ///< cities of the path, client first, PoP last; empty without places
};

/// The route of one AS.
struct AsCatchment {
    AsNumber asn = 0;
    std::optional<PopId> pop;
    std::vector<AsNumber> as_path;
    LearnedFrom learned_from = LearnedFrom::Origin;
    std::optional<DecidedBy> decided_by;
};

struct Catchment {
    std::vector<std::string> pops; ///< names, by PopId
    std::vector<ClientCatchment> clients;
    std::vector<AsCatchment> ases; ///< ascending ASN; only when asked for
    std::string tie_break;         ///< rule in force, for the output: "lowest_asn", "nearest_exit" or "hash"
    std::vector<std::optional<Place>> pop_places; ///< by PopId
};

struct CatchmentOptions {
    bool all_ases = false;
    std::optional<Instant> at; ///< moment of the scenario's time line; absent: before its first event
};

/// Decides every client's route; with `all_ases` also every AS's.
/// @throws ScenarioError  E5xx: places or routes that are needed and missing
[[nodiscard]] Catchment compute_catchment(const Scenario& scenario, const CatchmentOptions& options = {},
                                          std::vector<Issue>* warnings = nullptr);

} // namespace firstbyte
