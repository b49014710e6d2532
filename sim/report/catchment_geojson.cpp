// A catchment for maps: RFC 7946, longitude first.
#include "firstbyte/report.hpp"
#include "report/catchment_words.hpp"
#include "report/json_text.hpp"

namespace firstbyte {
namespace {

using report::Json;

Json position(const Place& place) { return Json::array({place.lon, place.lat}); }

Json feature(Json geometry, Json properties) {
    return {{"type", "Feature"}, {"geometry", std::move(geometry)}, {"properties", std::move(properties)}};
}

} // namespace

std::string catchment_geojson(const Catchment& catchment) {
    const report::Weights weights(catchment.clients);
    Json features = Json::array();
    for (std::size_t pop = 0; pop < catchment.pops.size(); ++pop) {
        if (pop >= catchment.pop_places.size() || !catchment.pop_places[pop]) continue;
        double weight = 0;
        for (const ClientCatchment& client : catchment.clients)
            if (client.pop && client.pop->value == pop) weight += weights.of(client);
        features.push_back(feature({{"type", "Point"}, {"coordinates", position(*catchment.pop_places[pop])}},
                                   {{"kind", "pop"},
                                    {"pop", catchment.pops[pop]},
                                    {"share", weights.total() > 0 ? weight / weights.total() : 0}}));
    }
    for (const ClientCatchment& client : catchment.clients) {
        if (client.via.empty()) continue; // nobody knows where it is
        Json properties{{"kind", "client"},
                        {"client", client.client},
                        {"country", client.country},
                        {"asn", client.asn},
                        {"pop", client.pop ? Json(catchment.pops.at(client.pop->value)) : Json()},
                        {"rtt_ms", to_ms(client.rtt)},
                        {"share", weights.total() > 0 ? weights.of(client) / weights.total() : 0},
                        {"as_path", report::path_text(client)}};
        features.push_back(feature({{"type", "Point"}, {"coordinates", position(client.via.front())}}, properties));
        if (client.via.size() < 2) continue;
        Json line = Json::array();
        for (const Place& place : client.via) line.push_back(position(place));
        properties["kind"] = "path";
        features.push_back(feature({{"type", "LineString"}, {"coordinates", std::move(line)}}, std::move(properties)));
    }
    return report::json_text({{"type", "FeatureCollection"}, {"features", std::move(features)}}, 2);
}

} // namespace firstbyte
