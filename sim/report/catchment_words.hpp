/// What the texts about catchments have in common.
#pragma once

#include "firstbyte/catchment.hpp"

#include <optional>
#include <string>
#include <vector>

namespace firstbyte::report {

/// Clients count by their sessions; where no one has any, by their number.
class Weights {
public:
    explicit Weights(const std::vector<ClientCatchment>& clients);
    [[nodiscard]] double of(const ClientCatchment& client) const {
        return by_sessions_ ? client.sessions_per_sec : static_cast<double>(client.population);
    }
    [[nodiscard]] double total() const { return total_; }
    [[nodiscard]] const char* noun() const { return by_sessions_ ? "sessions" : "clients"; }

private:
    bool by_sessions_;
    double total_ = 0;
};

[[nodiscard]] std::string pop_name(const Catchment& catchment, const std::optional<PopId>& pop);
/// "174 3356 64500", "direct" without a topology, "own AS".
[[nodiscard]] std::string path_text(const ClientCatchment& client);
[[nodiscard]] std::string path_text(const std::vector<AsNumber>& path);
/// "local preference" from "local_preference".
[[nodiscard]] std::string words(const char* name);

} // namespace firstbyte::report
