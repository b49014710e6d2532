#include "report/catchment_words.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace firstbyte::report {

Weights::Weights(const std::vector<ClientCatchment>& clients)
    : by_sessions_(std::any_of(clients.begin(), clients.end(),
                               [](const ClientCatchment& client) { return client.sessions_per_sec > 0; })) {
    for (const ClientCatchment& client : clients) total_ += of(client);
}

std::string pop_name(const Catchment& catchment, const std::optional<PopId>& pop) {
    return pop ? catchment.pops.at(pop->value) : "none";
}

std::string path_text(const std::vector<AsNumber>& path) { return fmt::format("{}", fmt::join(path, " ")); }

std::string path_text(const ClientCatchment& client) {
    if (client.asn == 0) return "direct";
    return client.as_path.empty() ? "own AS" : path_text(client.as_path);
}

std::string words(const char* name) {
    std::string out = name;
    std::replace(out.begin(), out.end(), '_', ' ');
    return out;
}

} // namespace firstbyte::report
