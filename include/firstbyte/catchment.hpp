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

/// The step of the decision that left one route over (local preference, path length, MED among routes of
/// one neighbour, then the order of the neighbours, then of the sites of one neighbour).
enum class DecidedBy : std::uint8_t {
    Origin,
    OnlyRoute,
    LocalPreference,
    PathLength,
    NeighborAsn,
    RttTo,
    Med,
    RouterId
};
[[nodiscard]] const char* name_of(DecidedBy step);

/// Where one client group goes.
struct ClientCatchment {
    GroupId group{};
    std::string client, region, country;
    AsNumber asn = 0; ///< 0 in direct mode
    std::uint32_t population = 0;
    double sessions_per_sec = 0;
    std::optional<PopId> pop;      ///< none: no route
    std::vector<AsNumber> as_path; ///< as received: own ASN left out, prepends in
    LearnedFrom learned_from = LearnedFrom::Origin;
    DecidedBy decided_by = DecidedBy::OnlyRoute;
    Duration rtt{};                ///< along the chosen path, access delay not included
    std::optional<PopId> best_pop; ///< the PoP with the least RTT among those a direct geographic path could use
    Duration best_rtt{};
    std::vector<Place> via; ///< cities of the path, client first, PoP last; empty without places
};

/// The route of one AS.
struct AsCatchment {
    AsNumber asn = 0;
    std::optional<PopId> pop;
    std::vector<AsNumber> as_path;
    LearnedFrom learned_from = LearnedFrom::Origin;
    DecidedBy decided_by = DecidedBy::OnlyRoute;
};

struct Catchment {
    std::vector<std::string> pops; ///< names, by PopId
    std::vector<ClientCatchment> clients;
    std::vector<AsCatchment> ases; ///< ascending ASN; only when asked for
    std::string tie_break;         ///< rule in force, for the output: "lowest_asn"
};

/// Decides every client's route; with `all_ases` also every AS's.
/// @throws ScenarioError  E5xx: places or routes that are needed and missing
[[nodiscard]] Catchment compute_catchment(const Scenario& scenario, bool all_ases = false,
                                          std::vector<Issue>* warnings = nullptr);

} // namespace firstbyte
