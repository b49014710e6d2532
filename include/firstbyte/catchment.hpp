/// Who lands on which PoP, by which path, and why. Needs no packets.
#pragma once

#include "firstbyte/scenario.hpp"
#include "firstbyte/settling.hpp"

#include <optional>
#include <string>
#include <vector>

namespace firstbyte {

/// From whom a route was learned (Gao and Rexford, 2001); Origin: the AS announces the prefix itself.
enum class LearnedFrom : std::uint8_t { Origin, Customer, Peer, Provider };
[[nodiscard]] const char* name_of(LearnedFrom relation);

/// The step of the decision that left one route over (local preference, path length, MED among routes of
/// one neighbour, then the order of the neighbours, then of the sites of one neighbour).
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

/// How long routes were in motion after something happened to one prefix.
struct EventConvergence {
    std::uint32_t event = 0;  ///< of Scenario::events
    std::string what;         ///< "withdraw", "announce", "prepend", "graceful_shutdown", "link_down", "link_up", ...
    std::string prefix_group; ///< empty: the common prefix
    std::optional<PopId> pop;
    Instant at{};
    std::optional<Duration> first_update, last_update; ///< after `at`; none: no UPDATE was sent
    std::optional<Duration> last_choice;               ///< last change of any AS's best route, after `at`
    std::uint64_t announcements = 0, withdrawals = 0;  ///< UPDATEs received
    std::uint32_t ases_without_route = 0;              ///< at some time before the next change
    std::optional<Settling> settling;                  ///< none where the catchment of one moment was asked for
};

struct Catchment {
    std::vector<std::string> pops; ///< names, by PopId
    std::vector<ClientCatchment> clients;
    std::vector<AsCatchment> ases;             ///< ascending ASN; only when asked for
    std::vector<EventConvergence> convergence; ///< in order of time
    std::string tie_break; ///< rule in force, for the output: "lowest_asn", "nearest_exit" or "hash"
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

/// A route that an AS received, and what became of it.
struct WhyCandidate {
    std::optional<AsNumber> neighbor; ///< none: from the PoP itself
    PopId pop{};                      ///< where the neighbour's own choice leads
    LearnedFrom learned_from = LearnedFrom::Origin;
    std::uint32_t path_length = 0;
    std::vector<AsNumber> as_path;
    std::string verdict;           ///< "chosen", or the step at which it lost: "local_preference", "loop", ...
    std::optional<double> exit_km; ///< from where traffic enters the AS to where this route hands it over
};

/// One AS on the way of a client.
struct WhyHop {
    AsNumber asn = 0;
    std::string prefix_group;             ///< whose route it follows; empty: the common prefix
    std::optional<Place> enters;          ///< where the traffic comes in
    std::vector<WhyCandidate> candidates; ///< the chosen one first
};

/// Why a client goes where it goes.
struct Why {
    std::vector<std::string> pops; ///< names, by PopId
    std::string tie_break;
    ClientCatchment client;
    std::vector<WhyHop> hops; ///< from the client's AS on
};

/// The decisions of every AS on the way of one client group, or of an AS ("3320" or "AS3320").
/// @throws ScenarioError  as compute_catchment does
/// @throws std::invalid_argument  when `subject` is neither a client group nor an AS, or there is no topology
[[nodiscard]] Why why(const Scenario& scenario, const std::string& subject, std::vector<Issue>* warnings = nullptr);

/// What a withdrawal of one or two PoPs does to clients once routes have settled. Clients count by their sessions
/// (without any, by their number); shares are of all clients.
struct WithdrawalEffect {
    std::vector<PopId> withdrawn;
    double moved = 0;         ///< share of clients that go to another PoP
    double cut_off = 0;       ///< share without any PoP
    double added_ms_mean = 0; ///< change of the round trip, mean over all clients that still reach a PoP
    double added_ms_moved_p50 = 0, added_ms_moved_p95 = 0; ///< over the moved ones
    std::optional<PopId> most_loaded; ///< the survivor whose load grows most, in shares of all clients
    double most_loaded_before = 0, most_loaded_after = 0; ///< its share
    std::vector<double> shares;                           ///< by PopId
};

struct WithdrawalSweep {
    std::vector<std::string> pops; ///< names, by PopId
    std::string weight;            ///< "sessions" or "clients"
    std::string tie_break;
    std::vector<double> shares;                   ///< by PopId, before
    std::vector<WithdrawalEffect> singles, pairs; ///< in order of PopIds; pairs only when asked for
};

/// Withdraws every PoP in turn and, with `pairs`, every two.
/// @throws ScenarioError  as compute_catchment does
/// @throws std::invalid_argument  when there is no topology
[[nodiscard]] WithdrawalSweep sweep_withdrawals(const Scenario& scenario, bool pairs,
                                                std::vector<Issue>* warnings = nullptr);

} // namespace firstbyte
