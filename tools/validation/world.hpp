/// Routing and latency against the real world.
#pragma once

#include "tables.hpp"
#include "world_data.hpp"
#include "world_model.hpp"

#include <optional>
#include <string>
#include <vector>

namespace firstbyte::validate {

/// One number of the simulator beside the one that was measured.
struct WorldFigure {
    std::string what, unit;
    std::optional<double> simulated;   ///< none: needs the reader's data
    std::optional<double> measured;    ///< none: only a band is known
    std::optional<double> least, most; ///< what is promised; none: shown only

    [[nodiscard]] bool promised() const { return least.has_value() || most.has_value(); }
    [[nodiscard]] bool met() const {
        return !simulated || ((!least || *simulated >= *least) && (!most || *simulated <= *most));
    }
};

/// A promise of being within this share of what was measured.
[[nodiscard]] WorldFigure within(double share, std::string what, std::string unit, std::optional<double> simulated,
                                 double measured);

struct WorldTable {
    std::string title;
    Row header;
    std::vector<Row> rows;
};

/// One comparison.
struct WorldPart {
    std::string id, title;
    std::string text; ///< what is compared with what, and where the model is off; Markdown, paragraphs
    std::vector<WorldFigure> figures;
    std::vector<WorldTable> tables;
};

/// Round trips between cities over distance, against pings of 2018.
[[nodiscard]] WorldPart compare_distances(const Internet& internet, const std::optional<Pings>& pings);
/// Catchments, round trips and path lengths of probes towards an anycast resolver, against those of 2017.
[[nodiscard]] WorldPart compare_anycast(const Internet& internet, const std::optional<std::vector<AtlasProbe>>& probes);
/// How far anycast is from the best site, against published shares.
[[nodiscard]] WorldPart compare_inflation(const Internet& internet);
/// The withdrawal of the only African PoP, against that of 2015.
[[nodiscard]] WorldPart compare_withdrawal(const Internet& internet,
                                           const std::optional<std::vector<AfricanProbe>>& probes);
/// How long routes are in motion after an announcement, a fail-over and a withdrawal.
[[nodiscard]] WorldPart compare_convergence(const Internet& internet);

/// All of them.
[[nodiscard]] std::vector<WorldPart> compare_world(const WorldData& data);

[[nodiscard]] std::string text_of(const std::vector<WorldPart>& parts);     ///< for a terminal
[[nodiscard]] std::string json_of(const std::vector<WorldPart>& parts);     ///< for a program
[[nodiscard]] std::string markdown_of(const std::vector<WorldPart>& parts); ///< for docs/validation.md

} // namespace firstbyte::validate
