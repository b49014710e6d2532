#include "explain_connection.hpp"

#include "common.hpp"
#include "help.hpp"

#include "firstbyte/report.hpp"
#include "firstbyte/scenario.hpp"
#include "firstbyte/simulate.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <vector>

namespace firstbyte::tools {
namespace {

using Json = nlohmann::json;

Json read_result(const std::string& file) {
    std::ifstream stream{file, std::ios::binary};
    if (!stream) throw std::runtime_error(fmt::format("{}: cannot be read", file));
    std::ostringstream text;
    text << stream.rdbuf();
    Json result = Json::parse(text.str(), nullptr, false);
    const bool whole = result.is_object() && result.contains("scenario") && result["scenario"].is_object() &&
                       result["scenario"].contains("effective") && result.contains("seeds") &&
                       result.contains("variants") && result.contains("causes");
    if (!whole) throw UsageError(fmt::format("{} is no result of firstbyte run or compare", file));
    return result;
}

const Variant* find_variant(const Scenario& scenario, const std::string& name) {
    const auto found = std::find_if(scenario.variants.begin(), scenario.variants.end(),
                                    [&](const Variant& variant) { return variant.name == name; });
    return found == scenario.variants.end() ? nullptr : &*found;
}

bool sets(const Variant& variant, const std::string& path) {
    return std::any_of(variant.overrides.begin(), variant.overrides.end(),
                       [&](const auto& override_of) { return override_of.first == path; });
}

/// What makes the variant out of the result's effective scenario, which is that of the result's first variant.
std::vector<Override> overrides_of(const Json& result, const Scenario& first, const std::string& name) {
    std::vector<std::string> names;
    for (const Json& variant : result["variants"]) names.push_back(variant.value("name", ""));
    if (name.empty() || (!names.empty() && name == names.front())) return {};
    if (std::find(names.begin(), names.end(), name) == names.end())
        throw UsageError(fmt::format("--variant: the result has no variant \"{}\"{} (it has: {})", name,
                                     did_you_mean(name, names), fmt::join(names, ", ")));
    const Variant* chosen = find_variant(first, name);
    const Variant* stored = find_variant(first, names.front());
    // What the stored variant set must be set by the other one as well, or it would stay.
    const bool reachable = chosen != nullptr &&
                           (names.front() == "base" ||
                            (stored != nullptr && std::all_of(stored->overrides.begin(), stored->overrides.end(),
                                                              [&](const auto& o) { return sets(*chosen, o.first); })));
    if (!reachable)
        throw UsageError(fmt::format("--variant: the result stores the settings of \"{}\", from which those of \"{}\" "
                                     "do not follow; explain a result of run --variant {} or --set",
                                     names.front(), name, name));
    std::vector<Override> out;
    for (const auto& [path, value] : chosen->overrides) out.push_back({path, value});
    return out;
}

/// The values at a path such as "origins[].idle_timeout", one for each element of a list.
void values_at(const Json& value, const std::string& path, std::vector<std::string>& out) {
    if (path.empty()) {
        const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
        if (std::find(out.begin(), out.end(), text) == out.end()) out.push_back(text);
        return;
    }
    const std::size_t end = std::min(path.find('.'), path.size());
    std::string head = path.substr(0, end);
    const std::string rest = end == path.size() ? std::string() : path.substr(end + 1);
    const bool list = head.ends_with("[]");
    if (list) head.resize(head.size() - 2);
    if (!value.is_object() || !value.contains(head)) return;
    if (!list) return values_at(value[head], rest, out);
    for (const Json& element : value[head]) values_at(element, rest, out);
}

std::string settings_text(const Json& result, const Json& effective, const std::set<std::string>& causes) {
    std::string out;
    std::set<std::string> told;
    for (const Json& row : result["causes"]) {
        if (causes.count(row.value("cause", "")) == 0 || !row.contains("settings")) continue;
        for (const Json& setting : row["settings"]) {
            const std::string path = setting.get<std::string>();
            if (!told.insert(path).second) continue;
            std::vector<std::string> values;
            values_at(effective, path, values);
            out += fmt::format("  {}  {}\n", path,
                               values.empty() ? "not set" : fmt::format("{}", fmt::join(values, ", ")));
        }
    }
    return out;
}

/// "outcome of request 0: 522 connect_timeout" ends with its cause.
std::set<std::string> causes_in(const TraceConnection& trace) {
    std::set<std::string> out;
    for (const TraceStep& step : trace.story)
        if (step.text.starts_with("outcome of request")) out.insert(step.text.substr(step.text.rfind(' ') + 1));
    return out;
}

} // namespace

std::string connection_story(const ConnectionQuestion& question) {
    const Json result = read_result(question.file);
    const std::string effective = result["scenario"]["effective"].dump();
    const Scenario base = load_scenario(effective, question.file);
    const Scenario scenario = load_scenario(effective, question.file, overrides_of(result, base, question.variant));
    SimulateOptions simulation;
    simulation.replications = 1; // traces are taken from replication 0 only
    simulation.seed = result["seeds"]["base"].get<std::uint64_t>();
    simulation.trace.enabled = true;
    simulation.trace.connection = static_cast<std::uint32_t>(question.connection);
    if (question.client.empty()) {
        if (scenario.clients.size() > 1)
            throw UsageError("--client: the result has several client groups; --conn counts within one of them");
        if (!scenario.clients.empty()) simulation.trace.client = scenario.clients.front().id;
    } else {
        std::vector<std::string> names;
        for (const ClientGroup& group : scenario.clients) names.push_back(group.id);
        const bool part = std::any_of(scenario.clients.begin(), scenario.clients.end(), [&](const ClientGroup& group) {
            return group.world && question.client.starts_with(group.id + "-");
        });
        if (!part && std::find(names.begin(), names.end(), question.client) == names.end())
            throw UsageError(fmt::format("--client: the result has no client \"{}\"{}", question.client,
                                         did_you_mean(question.client, names)));
        simulation.trace.client = question.client;
    }
    const Results results = simulate(build_world(scenario, nullptr), simulation);
    if (results.traces.empty())
        throw UsageError(
            fmt::format("--conn: replication 0 starts no connection {} of that client", question.connection));

    std::string out = trace_text(results.traces);
    std::set<std::string> causes;
    for (const TraceConnection& trace : results.traces) causes.merge(causes_in(trace));
    if (causes.empty()) return out + "\nevery request of it was answered by a 200\n";
    for (const std::string& cause : causes) out += "\n" + explain(cause);
    const std::string settings = settings_text(result, Json::parse(scenario.effective_json), causes);
    if (!settings.empty()) out += "\nsettings that decide, as they are in this result\n" + settings;
    return out;
}

} // namespace firstbyte::tools
