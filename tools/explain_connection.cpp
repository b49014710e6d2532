#include "explain_connection.hpp"

#include "common.hpp"
#include "help.hpp"
#include "remedies.hpp"

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

/// The scenario of one variant of the result, as it was run.
Json scenario_of(const Json& result, const std::string& name) {
    std::vector<std::string> names;
    for (const Json& variant : result["variants"]) names.push_back(variant.value("name", ""));
    const std::string wanted = name.empty() && !names.empty() ? names.front() : name;
    const auto found = std::find(names.begin(), names.end(), wanted);
    if (found == names.end())
        throw UsageError(fmt::format("--variant: the result has no variant \"{}\"{} (it has: {})", wanted,
                                     did_you_mean(wanted, names), fmt::join(names, ", ")));
    Json effective = result["scenario"]["effective"];
    const Json& variant = result["variants"][static_cast<std::size_t>(found - names.begin())];
    if (variant.contains("scenario_patch")) effective = effective.patch(variant["scenario_patch"]);
    return effective;
}

/// The settings that decide about these causes, as the result names them.
std::vector<std::string> settings_of(const Json& result, const std::set<std::string>& causes) {
    std::vector<std::string> out;
    for (const Json& row : result["causes"]) {
        if (causes.count(row.value("cause", "")) == 0 || !row.contains("settings")) continue;
        for (const Json& setting : row["settings"]) {
            const auto path = setting.get<std::string>();
            if (std::find(out.begin(), out.end(), path) == out.end()) out.push_back(path);
        }
    }
    return out;
}

std::string remedies_text(const std::vector<Remedy>& found) {
    std::size_t path = 0, value = 0;
    for (const Remedy& remedy : found) {
        path = std::max(path, remedy.path.size());
        value = std::max(value, std::min<std::size_t>(remedy.in_force.size(), 24)); // longer ones push on
    }
    std::string out;
    for (const Remedy& remedy : found) {
        std::string line =
            fmt::format("  {:<{}}  {:<{}}  {}", remedy.path, path, remedy.in_force, value, remedy.finding);
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + "\n";
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

namespace {

SimulateOptions trace_of(const ConnectionQuestion& question, const Json& result, const Scenario& scenario) {
    SimulateOptions simulation;
    simulation.replications = 1; // traces are taken from replication 0 only
    simulation.seed = result["seeds"]["base"].get<std::uint64_t>();
    simulation.trace.enabled = true;
    simulation.trace.connection = static_cast<std::uint32_t>(question.connection);
    if (question.client.empty()) {
        if (scenario.clients.size() > 1)
            throw UsageError("--client: the result has several client groups; --conn counts within one of them");
        if (!scenario.clients.empty()) simulation.trace.client = scenario.clients.front().id;
        return simulation;
    }
    std::vector<std::string> names;
    for (const ClientGroup& group : scenario.clients) names.push_back(group.id);
    const bool part = std::any_of(scenario.clients.begin(), scenario.clients.end(), [&](const ClientGroup& group) {
        return group.world && question.client.starts_with(group.id + "-");
    });
    if (!part && std::find(names.begin(), names.end(), question.client) == names.end())
        throw UsageError(fmt::format("--client: the result has no client \"{}\"{}", question.client,
                                     did_you_mean(question.client, names)));
    simulation.trace.client = question.client;
    return simulation;
}

/// Runs there may be for the search, by what one costs. Model choice: about ten seconds on one core.
int runs_for(std::uint64_t events) {
    constexpr std::uint64_t events_in_all = 20'000'000;
    return static_cast<int>(std::clamp<std::uint64_t>(events_in_all / std::max<std::uint64_t>(events, 1), 4, 120));
}

/// Whether the connection is made by the same client at the same time, and every request of it ends well.
bool ends_well(const std::vector<TraceConnection>& traces, const TraceConnection& before) {
    if (traces.empty() || traces.front().start != before.start || traces.front().member != before.member) return false;
    return std::all_of(traces.begin(), traces.end(), [](const TraceConnection& t) { return causes_in(t).empty(); });
}

} // namespace

std::string connection_story(const ConnectionQuestion& question) {
    const Json result = read_result(question.file);
    const Json effective = scenario_of(result, question.variant);
    const std::string text = effective.dump();
    const Scenario scenario = load_scenario(text, question.file);
    const SimulateOptions simulation = trace_of(question, result, scenario);
    const Results results = simulate(build_world(scenario, nullptr), simulation);
    if (results.traces.empty())
        throw UsageError(
            fmt::format("--conn: replication 0 starts no connection {} of that client", question.connection));

    std::string out = trace_text(results.traces);
    std::set<std::string> causes;
    for (const TraceConnection& trace : results.traces) causes.merge(causes_in(trace));
    if (causes.empty()) return out + "\nevery request of it was answered by a 200\n";
    for (const std::string& cause : causes) out += "\n" + explain(cause);

    const auto try_again = [&](const Override& change) {
        try {
            const Scenario changed = load_scenario(text, question.file, {change});
            return ends_well(simulate(build_world(changed, nullptr), simulation).traces, results.traces.front());
        } catch (const ScenarioError&) {
            return false; // a value that the loader refuses is no remedy
        }
    };
    const std::vector<Remedy> found =
        remedies(settings_of(result, causes), effective, try_again, runs_for(results.replications.front().events));
    if (!found.empty())
        out += "\nsettings that decide, as they are in this result, and what becomes of the connection with others\n" +
               remedies_text(found);
    return out;
}

std::string outcomes_story(const std::string& file) {
    const Json result = read_result(file);
    std::string out =
        fmt::format("{}: how requests ended, and the first of each kind\n", result["scenario"].value("name", ""));
    for (const Json& row : result["causes"]) {
        const auto text = [&row](const char* key) { return row.value(key, std::string()); };
        out += fmt::format("\n  {}{}  {}", result["variants"].size() > 1 ? text("variant") + "  " : "", text("code"),
                           row.value("count", std::uint64_t{0}));
        if (text("cause") != text("code")) out += "  " + text("cause");
        if (!text("timer").empty()) out += fmt::format("  (timer: {})", text("timer"));
        out += "\n";
        if (!row.contains("first")) continue;
        const Json& first = row["first"];
        if (first.value("replication", 0) != 0) {
            out += fmt::format("    in replication {}; stories are told of replication 0\n",
                               first.value("replication", 0));
            continue;
        }
        out += fmt::format("    firstbyte explain {} --conn {} --client {}", file, first.value("connection", 0),
                           first.value("client", ""));
        if (result["variants"].size() > 1) out += " --variant " + text("variant");
        out += "\n";
    }
    return out;
}

} // namespace firstbyte::tools
