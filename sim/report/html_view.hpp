/// A stored result as the sections of the HTML report look at it.
#pragma once

#include "report/chart.hpp"
#include "report/html.hpp"
#include "report/json_text.hpp"

#include "firstbyte/place.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace firstbyte::report {

class ResultView {
public:
    /// @param result  a result of format 1; must outlive the view
    explicit ResultView(const Json& result);

    [[nodiscard]] const Json& result() const { return result_; }
    [[nodiscard]] const std::vector<std::string>& variants() const { return variants_; }
    [[nodiscard]] bool compared() const { return variants_.size() > 1; }

    /// Null when the variant has no such metric. @param label  "" or "code=522"
    [[nodiscard]] const Json* metric(std::size_t variant, const std::string& name, const std::string& label = "") const;
    [[nodiscard]] std::uint64_t count(std::size_t variant, const std::string& name,
                                      const std::string& label = "") const;
    /// Values of a label of one metric, in the result's order.
    [[nodiscard]] std::vector<std::string> values(const std::string& metric, const std::string& label) const;
    /// A row of `comparisons` of the time to first byte; null when there is none.
    [[nodiscard]] const Json* change(const std::string& variant, const std::string& stat,
                                     const std::string& label = "") const;
    /// A quantile of a metric of times, ns.
    [[nodiscard]] std::optional<double> quantile(const Json* metric, double q) const;

    /// Codes of outcomes, 200 first, then ascending; every one has the same colour in every chart.
    [[nodiscard]] const std::vector<std::string>& codes() const { return codes_; }
    [[nodiscard]] std::size_t colour_of_code(const std::string& code) const;

    /// Events of the scenario as marks on a time axis in seconds.
    [[nodiscard]] std::vector<Mark> event_marks() const;
    /// Rows of the timeline of one variant and metric; counts all have the same number of buckets, and so have levels,
    /// which end with the measured window. Outcomes begin with "200", and "none" is what ended without a status.
    [[nodiscard]] std::vector<const Json*> series(const std::string& variant, const std::string& metric) const;
    [[nodiscard]] double timeline_start() const; ///< s
    [[nodiscard]] double timeline_step() const;  ///< s; 0 without a timeline
    /// Buckets of the measured window, the last of which may be cut; none: the result does not tell its length.
    [[nodiscard]] std::optional<std::size_t> window_steps() const;
    [[nodiscard]] double step_begin(std::size_t step) const; ///< s; the first one behind the window begins at its end

    /// What scripts draw from: one object a chart.
    Json data = Json::object();

private:
    const Json& result_;
    std::vector<std::string> variants_, codes_;
    Json timeline_ = Json::array();              ///< the result's series, with zeros up to the last bucket of any
    std::map<std::string, const Json*> metrics_; ///< "0 ttfb region=sa"
    std::map<std::string, const Json*> changes_; ///< "tfo-on p50 region=sa"
    std::map<std::string, std::map<std::string, std::vector<std::string>>> values_; ///< metric, label
};

/// "region=sa", pairs after one another with commas.
[[nodiscard]] std::string label_words(const Json& labels);

/// A chart with its finding, its key, and its numbers folded below. `script` names what scripts make of it.
struct Figure {
    std::string finding, script;
    std::string key, picture, notes; ///< HTML
    const HtmlTable* table = nullptr;
    bool open = false; ///< the table is not folded
};
[[nodiscard]] std::string figure_html(const Figure& figure);

/// Simulated time of the first `steps` buckets of the timeline, s.
[[nodiscard]] Axis time_axis(const ResultView& view, std::size_t steps);
/// Events of the scenario that lie on that axis.
[[nodiscard]] std::vector<Mark> marks_within(const ResultView& view, const Axis& x);

/// Rounded to tenths, and never "-0.0".
[[nodiscard]] double tenths(double value);
/// "-58.1 ms", of a change; the sign is always there.
[[nodiscard]] std::string change_words(double ns);
/// "-59.0 .. -57.3", or why there is none.
[[nodiscard]] std::string interval_words(const Json& change);
/// Span of an effective scenario, such as "75s", in ns; nullopt when it is none.
[[nodiscard]] std::optional<double> span_ns(const Json* value);
/// A member along a path of keys; null when one is missing.
[[nodiscard]] const Json* member(const Json& object, const std::vector<std::string>& path);

// The sections, in the order of the report. Each is empty without data.
[[nodiscard]] std::string verdict_section(ResultView& view);
/// @param present  ids of the sections that its rows may lead to
[[nodiscard]] std::string thresholds_section(ResultView& view, const std::set<std::string>& present);
[[nodiscard]] std::string ttfb_section(ResultView& view);
[[nodiscard]] std::string shift_section(ResultView& view);
[[nodiscard]] std::string rtt_section(ResultView& view);
[[nodiscard]] std::string region_section(ResultView& view);
[[nodiscard]] std::string round_trips_section(ResultView& view);
[[nodiscard]] std::string connection_section(ResultView& view);
[[nodiscard]] std::string outcomes_section(ResultView& view);
[[nodiscard]] std::string causes_section(ResultView& view);
[[nodiscard]] std::string reuse_section(ResultView& view);
[[nodiscard]] std::string catchment_section(ResultView& view);
// Of that section: how routes came to rest after each event, who goes where then, and what the map's slider shows.
[[nodiscard]] std::string convergence_part(const ResultView& view);
[[nodiscard]] std::string moves_part(const ResultView& view);
[[nodiscard]] Json catchment_data(const ResultView& view);
/// Client groups that some event leads elsewhere, in any variant.
[[nodiscard]] std::set<std::string> moving_clients(const ResultView& view);
/// PoPs whose place is known, in order.
[[nodiscard]] std::vector<std::pair<std::string, Place>> placed_pops(const ResultView& view);
/// The same colour for the same PoP: by its place in that list.
[[nodiscard]] std::string pop_colour(const ResultView& view, const std::string& pop);
[[nodiscard]] std::string load_section(ResultView& view);
/// @param command  that made the result; may be empty
[[nodiscard]] std::string method_section(ResultView& view, const std::string& command);

} // namespace firstbyte::report
