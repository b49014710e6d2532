/// `firstbyte trace`: single connections of replication 0, packet by packet.
#include "common.hpp"
#include "help.hpp"

#include "firstbyte/outputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

namespace firstbyte::tools {
namespace {

struct TraceOptions : ScenarioOptions {
    std::string client;
    std::string variant = "base";
    int connection = -1, first = -1; ///< -1: not given
    std::string filter = "all", end = "server";
    std::int64_t pcap_epoch = 0; ///< seconds since 1970
    std::vector<std::string> out;
};

/// Kinds of output with the suffix of their files: pcapng is the kind and the suffix, packetdrill's scripts end in
/// .pkt.
constexpr std::pair<const char*, const char*> kinds[] = {{"pcapng", "pcapng"},   {"json", "json"},
                                                         {"text", "txt"},        {"mermaid", "mmd"},
                                                         {"packetdrill", "pkt"}, {"perfetto", "perfetto"}};

TraceChoice choice_of(const TraceOptions& options, const Scenario& scenario) {
    TraceChoice choice;
    choice.enabled = true;
    if (!options.client.empty()) {
        std::vector<std::string> names;
        for (const ClientGroup& group : scenario.clients) names.push_back(group.id);
        // A group for the world becomes many, whose names are known when the world is built.
        const bool part = std::any_of(scenario.clients.begin(), scenario.clients.end(), [&](const ClientGroup& group) {
            return group.world && options.client.rfind(group.id + "-", 0) == 0;
        });
        if (!part && std::find(names.begin(), names.end(), options.client) == names.end())
            throw UsageError(fmt::format("--client: {} has no client \"{}\"{}", scenario.file, options.client,
                                         did_you_mean(options.client, names)));
        choice.client = options.client;
    }
    if (options.connection >= 0) choice.connection = static_cast<std::uint32_t>(options.connection);
    choice.first_given = options.first >= 0;
    if (choice.first_given) choice.first = static_cast<std::uint32_t>(options.first);
    return choice;
}

std::string written_as(const std::string& kind, const std::vector<TraceConnection>& traces,
                       const TraceOptions& options) {
    if (kind == "json") return trace_json(traces);
    if (kind == "perfetto") return trace_perfetto(traces);
    if (kind == "mermaid") return trace_mermaid(traces);
    if (kind == "pcapng") return trace_pcapng(traces, options.pcap_epoch);
    if (kind == "text") return trace_text(traces);
    if (traces.size() != 1)
        throw UsageError(
            fmt::format("packetdrill follows one connection, and {} were chosen; --conn N chooses one", traces.size()));
    return trace_packetdrill(traces.front(), options.end == "client" ? TraceEnd::Client : TraceEnd::Server);
}

/// The files of --out, their kinds as --format names them.
std::vector<OutputFile> files_of(const TraceOptions& options) {
    std::vector<std::string> suffixes;
    for (const auto& [kind, suffix] : kinds) suffixes.emplace_back(suffix);
    std::vector<OutputFile> files = output_files(options.out, suffixes);
    for (OutputFile& file : files) {
        // Both forms are JSON; the name of the file says which one is meant.
        if (file.kind == "json" && file.path.ends_with(".perfetto.json")) file.kind = "perfetto";
        file.kind = std::find_if(std::begin(kinds), std::end(kinds), [&file](const auto& k) {
                        return file.kind == k.second;
                    })->first;
    }
    return files;
}

PacketFilter filter_of(const TraceOptions& options) {
    if (options.filter == "syn") return PacketFilter::Syn;
    return options.filter == "keepalive" ? PacketFilter::Keepalive : PacketFilter::All;
}

/// Every output is made before the first one is written, so that a fault leaves none behind.
void deliver(const std::vector<TraceConnection>& traces, const TraceOptions& options,
             const std::vector<OutputFile>& files, const Look& look) {
    std::vector<std::string> contents;
    for (const OutputFile& file : files) contents.push_back(written_as(file.kind, traces, options));
    const bool to_stdout = std::any_of(files.begin(), files.end(), [](const OutputFile& f) { return f.path == "-"; });
    // -o pcapng:- is asked for by name, and text would spoil it.
    if (!to_stdout && look.quiet < 2) print_bytes(written_as(options.format, traces, options));
    for (std::size_t n = 0; n < files.size(); ++n) {
        if (files[n].path == "-") {
            print_bytes(contents[n]);
            continue;
        }
        write_file(files[n].path, contents[n]);
        if (look.quiet == 0) print_error("wrote " + files[n].path);
    }
}

int trace(const TraceOptions& options, const Look& look) {
    const std::vector<OutputFile> files = files_of(options);
    if (options.format == "pcapng" && stdout_is_terminal())
        throw UsageError("--format: a terminal cannot show pcapng; -o trace.pcapng writes a file");
    Source source{options};
    const Scenario scenario = source.load(options.variant);
    SimulateOptions simulation;
    simulation.trace = choice_of(options, scenario);
    simulation.replications = 1; // traces are taken from replication 0 only
    const World world = source.build(scenario);
    print_warnings(source, look);
    const Results results = simulate(world, simulation);
    if (look.quiet == 0 && results.traces.empty()) print_error("no connection of that choice was started.");
    deliver(filtered(results.traces, filter_of(options)), options, files, look);
    if (look.quiet == 0 && options.format == "text" && files.empty())
        print_error("for Wireshark: add -o trace.pcapng, then filter on  tcp.analysis.tfo_syn");
    return exit_ok;
}

} // namespace

Action declare_trace(CLI::App& app, Look& look) {
    const auto options = std::make_shared<TraceOptions>();
    add_scenario_options(app, *options);
    app.add_option("--variant", options->variant, "a variant of the file; base: as it stands")
        ->type_name("NAME")
        ->capture_default_str()
        ->group("input");
    add_seed_option(app, *options);
    app.add_option("--client", options->client, "id of a client group [scripted ones, else all]")
        ->type_name("ID")
        ->group("which connections");
    app.add_option("--conn", options->connection, "only this one, counted from 0 within its group")
        ->type_name("N")
        ->check(whole_number(0))
        ->group("which connections");
    app.add_option("--first", options->first, "at most so many [3; all of scripted clients]")
        ->type_name("N")
        ->check(whole_number(1))
        ->group("which connections");
    app.add_option("--filter", options->filter, "packets: all, syn or keepalive")
        ->type_name("WHICH")
        ->check(one_of({"all", "syn", "keepalive"}))
        ->capture_default_str()
        ->group("which connections");
    add_format_option(app, *options, {"text", "json", "mermaid", "packetdrill", "pcapng", "perfetto"});
    app.add_option("-o,--out", options->out, "also PATH.pcapng .json .txt .mmd .pkt .perfetto.json")
        ->type_name("PATH")
        ->allow_extra_args(false)
        ->group("output");
    app.add_option("--end", options->end, "whose packetdrill script: client or server")
        ->type_name("WHO")
        ->check(one_of({"client", "server"}))
        ->capture_default_str()
        ->group("output");
    app.add_option("--pcap-epoch", options->pcap_epoch, "start of a capture, Unix time in s")
        ->type_name("T")
        ->check(whole_number(0))
        ->capture_default_str()
        ->group("output");
    return [options, &look] { return trace(*options, look); };
}

} // namespace firstbyte::tools
