#include "bgp_case.hpp"

#include "read_records.hpp"
#include "record_error.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <stdexcept>

namespace firstbyte::validate {
namespace {

using nlohmann::json;

AsNumber as_number(const std::string& text) {
    std::size_t read = 0;
    const unsigned long value = std::stoul(text, &read);
    if (read != text.size() || value > 0xffff'ffff) throw std::out_of_range("\"" + text + "\" is not an AS number");
    return static_cast<AsNumber>(value);
}

std::vector<std::pair<AsNumber, AsNumber>> pairs_of(const json& given, const char* key) {
    std::vector<std::pair<AsNumber, AsNumber>> pairs;
    for (const json& pair : given.value(key, json::array()))
        pairs.emplace_back(pair.at(0).get<AsNumber>(), pair.at(1).get<AsNumber>());
    return pairs;
}

BgpAnnouncement announcement_of(const json& given) {
    BgpAnnouncement from;
    from.asn = given.at("asn").get<AsNumber>();
    from.prefix = given.value("prefix", "");
    from.prepend = given.value("prepend", 0u);
    const json extra = given.value("prepend_to", json::object());
    for (const auto& [neighbor, copies] : extra.items())
        from.prepend_to.emplace_back(as_number(neighbor), copies.get<std::uint32_t>());
    if (given.contains("only_to")) from.only_to = given.at("only_to").get<std::vector<AsNumber>>();
    from.path = given.value("path", std::vector<AsNumber>{});
    return from;
}

BgpOutcome outcome_of(const json& given) {
    BgpOutcome outcome;
    for (const auto& [asn, entry] : given.items()) {
        std::optional<BgpRoute>& route = outcome[as_number(asn)];
        if (entry.is_null()) continue;
        route.emplace();
        route->origin = entry.at("origin").get<AsNumber>();
        route->length = entry.at("len").get<std::uint32_t>();
        route->learned_from = entry.value("class", "");
        if (entry.contains("next_hop")) route->next_hop = entry.at("next_hop").get<AsNumber>();
        if (entry.contains("path")) route->path = entry.at("path").get<std::vector<AsNumber>>();
    }
    return outcome;
}

BgpEvent event_of(const json& given) {
    BgpEvent event;
    const std::string how = given.value("how", "withdraw");
    if (given.contains("fail_as")) {
        event.ases = given.at("fail_as").get<std::vector<AsNumber>>();
        event.kind = how.starts_with("link") ? BgpEvent::Kind::LinkDown : BgpEvent::Kind::SilentDeath;
    } else if (given.contains("withdraw")) {
        event.ases = given.at("withdraw").get<std::vector<AsNumber>>();
    } else {
        event.kind = BgpEvent::Kind::Other;
    }
    event.hold_s = given.value("hold_s", event.hold_s);
    event.keepalive_s = given.value("keepalive_s", event.keepalive_s);
    return event;
}

BgpConvergence convergence_of(const json& given) {
    BgpConvergence measured;
    measured.mrai_s = given.at("mrai_s").get<double>();
    measured.first_update_s = given.value("first_update_s", 0.0);
    measured.last_update_s = given.at("last_update_s").get<double>();
    measured.announcements = given.value("announcements_received", std::uint64_t{0});
    measured.withdrawals = given.value("withdrawals_received", std::uint64_t{0});
    for (const json& update : given.value("received", json::array())) {
        BgpConvergence::Update& to = measured.received.emplace_back();
        to.at_s = update.at(0).get<double>();
        to.to = update.at(1).get<AsNumber>();
        if (update.at(2) == "attr") to.path = update.at(3).get<std::vector<AsNumber>>();
    }
    return measured;
}

BgpCase case_of(const json& given) {
    BgpCase out;
    out.id = given.at("id").get<std::string>();
    out.needs = given.value("needs", std::vector<std::string>{});
    out.no_policy = given.value("policy", "gao-rexford").starts_with("none");
    out.any_of = given.contains("expected_any_of") || given.value("tie_break", "") == "any-of";
    out.graph = given.value("graph", "");
    out.links = pairs_of(given, "links");
    out.peers = pairs_of(given, "peers");
    for (const json& from : given.at("announcements")) out.announcements.push_back(announcement_of(from));
    out.expected = outcome_of(given.value(given.contains("sample") ? "sample" : "expected", json::object()));
    const json by_prefix = given.value("expected_by_prefix", json::object());
    for (const auto& [prefix, outcome] : by_prefix.items()) out.expected_by_prefix[prefix] = outcome_of(outcome);
    const json policies = given.value("policies", json::object());
    for (const auto& [asn, policy] : policies.items()) out.policies[as_number(asn)] = policy.get<std::string>();
    for (const json& roa : given.value("roas", json::array()))
        out.roas.push_back({roa.at("prefix").get<std::string>(), roa.at("origin").get<AsNumber>()});
    if (given.contains("event")) out.event = event_of(given.at("event"));
    out.expected_after = outcome_of(given.value("expected_after", json::object()));
    if (out.event && out.event->kind == BgpEvent::Kind::SilentDeath)
        for (const AsNumber dead : out.event->ases) out.expected_after.erase(dead); // nobody can ask it
    for (const json& measured : given.value("convergence", json::array()))
        out.convergence.push_back(convergence_of(measured));
    if (given.contains("routed")) out.routed = given.at("routed").get<std::uint64_t>();
    if (given.contains("no_route")) out.unrouted = given.at("no_route").get<std::uint64_t>();
    out.catchment_size = given.value("catchment_size", std::map<std::string, std::uint64_t>{});
    out.by_class = given.value("by_class", std::map<std::string, std::uint64_t>{});
    if (given.contains("sha256_of_lines")) out.sha256_of_lines = given.at("sha256_of_lines").at("sha256");
    return out;
}

} // namespace

BgpCase parse_bgp_case(const std::string& text, const std::string& name) {
    try {
        BgpCase out = case_of(json::parse(text));
        out.file = name;
        out.set = name.substr(0, name.find('-'));
        return out;
    } catch (const std::exception& error) {
        throw RecordError(name, 1, error.what());
    }
}

std::vector<BgpCase> read_bgp_cases(const std::string& folder) {
    namespace fs = std::filesystem;
    std::vector<fs::path> files;
    std::error_code failed;
    for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end; entry.increment(failed))
        if (entry->path().extension() == ".json") files.push_back(entry->path());
    if (failed) throw std::runtime_error("cannot read " + folder + ": " + failed.message());
    if (files.empty()) throw std::runtime_error("no case (*.json) in " + folder);
    std::sort(files.begin(), files.end());
    std::vector<BgpCase> cases;
    for (const fs::path& file : files) {
        cases.push_back(parse_bgp_case(read_text(file.string()), file.filename().string()));
        cases.back().folder = folder;
    }
    return cases;
}

} // namespace firstbyte::validate
