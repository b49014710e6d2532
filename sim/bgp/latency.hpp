/// Round-trip times from where a path goes.
#pragma once

#include "bgp/places.hpp"
#include "firstbyte/units.hpp"

#include <span>
#include <vector>

namespace firstbyte::bgp {

/// How distance becomes time; the scenario's `topology.propagation`.
struct Propagation {
    double km_per_ms = 200;    ///< along the cable
    double path_stretch = 1.4; ///< cable over great circle, per leg
    Duration per_hop{};        ///< round trip per hand-over between ASes
};

/// Round trip inside the data centre of the PoP or origin; an engineering assumption of topology-and-latency section 4.
inline constexpr Duration data_center_round_trip = std::chrono::microseconds{200};

/// Round trip per AS hop where no places are known (scenario-format section 14).
inline constexpr Duration placeless_hop_round_trip = std::chrono::milliseconds{1};

/// Round trip of the cable between two places, one leg.
[[nodiscard]] Duration leg_round_trip(Place from, Place to, const Propagation& propagation);

/// Round trip along places one after the other with that many hand-overs between ASes, data centre included.
[[nodiscard]] Duration round_trip(std::span<const Place> places, std::size_t handovers, const Propagation& propagation);

/// Where an AS on a path can meet others: its cities, or one point when only its end of the path is known.
struct Presence {
    std::span<const CityIndex> cities; ///< empty: only `point` is known
    Place point;
    bool peers_with_next = false;
};

/// Where `from` hands over to `to` what it received at `here`: see early_exit_path for the model.
[[nodiscard]] Place handover(const Presence& from, const Presence& to, Place here);

/// One AS that a path passes.
struct Carrier {
    AsNumber number = 0;
    bool peers_with_next = false; ///< hands over to the next one across a peering link; else one pays the other
};

/// The cities in which traffic of a client changes from AS to AS: hot-potato (early-exit) routing, in which each AS
/// hands over where it meets the next one nearest to where it received the traffic.
///
/// Model: provider and customer meet in every city in which both are present. Peers meet in the large interconnection
/// cities among these only, if there is one. Without a common city the AS with fewer cities has a line from its home to
/// the nearest city of the other. The client's AS, when it is known in one city or none, is where the client is, and
/// the last AS likewise where `destination` is; another AS of unknown place lies on the way. Both directions of a flow
/// take the same way.
///
/// Model: an AS of the table leads a line of more than 250 km through the backbone city (12 providers or more) nearest
/// to each of its ends, when that is nearer than the other end: networks are built around few large cities, not as
/// great circles between all. ASes the table does not have go straight.
/// @param carriers  the ASes passed, the client's first; the last one delivers to `destination`
/// @returns the client's place, the cities of hand-over and of backbones (equal neighbours left out), and `destination`
[[nodiscard]] std::vector<Place> early_exit_path(const Places& places, Place client, std::span<const Carrier> carriers,
                                                 Place destination);

} // namespace firstbyte::bgp
