/// Statistics of an AS graph, for people and for programs.
#include "firstbyte/report.hpp"
#include "report/format.hpp"
#include "report/json_text.hpp"

#include <fmt/format.h>

namespace firstbyte {
namespace {

using namespace report;

constexpr std::size_t listed_at_most = 24; // model choice: two lines

std::string numbers(const std::vector<std::size_t>& values) {
    std::string text;
    for (const std::size_t value : values) text += (text.empty() ? "" : " ") + std::to_string(value);
    return text.empty() ? "-" : text;
}

std::string systems(const std::vector<AsNumber>& ases) {
    std::string text;
    for (std::size_t at = 0; at < std::min(ases.size(), listed_at_most); ++at)
        text += (text.empty() ? "" : " ") + std::to_string(ases[at]);
    if (ases.size() > listed_at_most) text += " ...";
    return text.empty() ? "none" : fmt::format("{}: {}", ases.size(), text);
}

std::string exponent(const std::optional<double>& tail) { return tail ? fmt::format("{:.2f}", *tail) : "-"; }

std::string shares(const std::vector<std::pair<std::string, double>>& parts) {
    std::string text;
    for (const auto& [name, share] : parts)
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, percent(share));
    return text;
}

/// A label and what belongs to it, broken at the width of the page.
class Page {
public:
    void put(std::string_view label, const std::string& text) {
        constexpr std::size_t column = 27;
        out_ += without_trailing_spaces("  " + pad_right(label, column - 2) + wrapped(text, column, column)) + "\n";
    }
    void head(std::string_view title) { out_ += fmt::format("{}{}\n", out_.empty() ? "" : "\n", title); }
    std::string take() && { return std::move(out_); }

private:
    std::string out_;
};

} // namespace

std::string topology_text(const TopologyStatistics& s) {
    Page page;
    page.head("graph");
    page.put("ASes, links", fmt::format("{}, {}", grouped(s.ases), grouped(s.provider_customer_links + s.peer_links)));
    page.put("provider-customer, peers",
             fmt::format("{}, {}", grouped(s.provider_customer_links), grouped(s.peer_links)));
    page.put("connected parts", grouped(s.components));
    page.put("degree", fmt::format("mean {:.2f}, median {}, p90 {}, p95 {}, p99 {}, p99.9 {}", s.degree_mean,
                                   s.degree_median, s.degree_p90, s.degree_p95, s.degree_p99, s.degree_p999));
    page.put("largest degrees", numbers(s.largest_degrees));
    page.put("tail exponents",
             fmt::format("degree from 10 {}, from 50 {}; customers from 10 {}, from 50 {}", exponent(s.degree_tail_10),
                         exponent(s.degree_tail_50), exponent(s.customer_tail_10), exponent(s.customer_tail_50)));
    page.head("kinds");
    page.put("stubs (no customers)", fmt::format("{} ({}), {} with peers", grouped(s.stubs),
                                                 percent_of(s.stubs, s.ases), grouped(s.stubs_with_peers)));
    std::vector<std::pair<std::string, double>> providers;
    for (std::size_t count = 0; count < s.stubs_by_providers.size(); ++count)
        providers.emplace_back(count + 1 < s.stubs_by_providers.size() ? std::to_string(count) : "more",
                               ratio_of(s.stubs_by_providers[count], s.stubs));
    page.put("  providers of a stub", fmt::format("mean {:.2f}; {}", s.stub_providers_mean, shares(providers)));
    page.put("transit", fmt::format("{} ({}), mean {:.2f} providers, {:.1f} peers (stubs: {:.2f})", grouped(s.transit),
                                    percent_of(s.transit, s.ases), s.transit_providers_mean, s.transit_peers_mean,
                                    s.stub_peers_mean));
    page.put("  customers at least", fmt::format("10: {} ASes, 100: {}, 1000: {}", grouped(s.customers_10),
                                                 grouped(s.customers_100), grouped(s.customers_1000)));
    page.put("without peers", percent_of(s.without_peers, s.ases));
    page.head("hierarchy");
    page.put("provider-free transit", systems(s.provider_free));
    page.put("  clique among them", systems(s.clique));
    std::string cones;
    for (const auto& [asn, size] : s.largest_cones)
        cones += fmt::format("{}AS{} {}", cones.empty() ? "" : ", ", asn, grouped(size));
    page.put("largest customer cones", cones.empty() ? "none" : cones);
    page.put("longest provider chain",
             fmt::format("{} {}", s.longest_provider_chain, s.longest_provider_chain == 1 ? "AS" : "ASes"));
    page.put("cycle of providers", s.provider_cycle.empty() ? "none" : systems(s.provider_cycle));
    if (s.destinations == 0) return std::move(page).take();
    page.head(fmt::format("best paths of all ASes to {} of them (Gao-Rexford)", grouped(s.destinations)));
    page.put("hops", fmt::format("mean {:.2f}", s.hops_mean));
    std::vector<std::pair<std::string, double>> hops;
    for (std::size_t count = 1; count < s.hops_share.size(); ++count)
        hops.emplace_back(count + 1 < s.hops_share.size() ? std::to_string(count) : "more", s.hops_share[count]);
    page.put("  shares", shares(hops));
    page.put("learned from", shares({{"customers", s.learned_from_customer},
                                     {"peers", s.learned_from_peer},
                                     {"providers", s.learned_from_provider}}));
    page.put("no route", percent_of(s.unreachable, s.unreachable + s.pairs) + " of pairs");
    return std::move(page).take();
}

std::string topology_json(const TopologyStatistics& s) {
    const auto optional = [](const std::optional<double>& value) { return value ? Json(*value) : Json(); };
    Json cones = Json::array();
    for (const auto& [asn, size] : s.largest_cones) cones.push_back({{"asn", asn}, {"ases", size}});
    Json out{
        {"format", 1},
        {"kind", "topology"},
        {"ases", s.ases},
        {"links", {{"provider_customer", s.provider_customer_links}, {"peers", s.peer_links}}},
        {"components", s.components},
        {"degree",
         {{"mean", s.degree_mean},
          {"median", s.degree_median},
          {"p90", s.degree_p90},
          {"p95", s.degree_p95},
          {"p99", s.degree_p99},
          {"p99.9", s.degree_p999},
          {"largest", s.largest_degrees},
          {"tail_exponent_10", optional(s.degree_tail_10)},
          {"tail_exponent_50", optional(s.degree_tail_50)}}},
        {"customers",
         {{"at_least_10", s.customers_10},
          {"at_least_100", s.customers_100},
          {"at_least_1000", s.customers_1000},
          {"tail_exponent_10", optional(s.customer_tail_10)},
          {"tail_exponent_50", optional(s.customer_tail_50)}}},
        {"stubs",
         {{"count", s.stubs},
          {"with_peers", s.stubs_with_peers},
          {"by_providers", s.stubs_by_providers},
          {"providers_mean", s.stub_providers_mean},
          {"peers_mean", s.stub_peers_mean}}},
        {"transit",
         {{"count", s.transit}, {"providers_mean", s.transit_providers_mean}, {"peers_mean", s.transit_peers_mean}}},
        {"without_peers", s.without_peers},
        {"provider_free", s.provider_free},
        {"clique", s.clique},
        {"largest_cones", std::move(cones)},
        {"longest_provider_chain", s.longest_provider_chain},
        {"provider_cycle", s.provider_cycle},
    };
    if (s.destinations == 0) {
        out["paths"] = nullptr;
    } else {
        out["paths"] = {{"destinations", s.destinations},
                        {"pairs", s.pairs},
                        {"unreachable", s.unreachable},
                        {"hops_mean", s.hops_mean},
                        {"hops_share", s.hops_share},
                        {"learned_from",
                         {{"customer", s.learned_from_customer},
                          {"peer", s.learned_from_peer},
                          {"provider", s.learned_from_provider}}}};
    }
    return json_text(out, 1);
}

} // namespace firstbyte
