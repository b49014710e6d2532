/// `firstbyte topo`: AS graphs, made up and measured.
#include "common.hpp"
#include "firstbyte/topology.hpp"

#include <fmt/format.h>

#include <charconv>
#include <memory>

namespace firstbyte::tools {
namespace {

struct TopoOptions {
    std::string action, graph, ases, seed = "1", out = "-", format = "text";
    int destinations = 200;
};

template <class Number>
Number number_of(const std::string& word, const char* option, Number least, Number most) {
    Number number{};
    const char* const end = word.data() + word.size();
    const auto [stop, error] = std::from_chars(word.data(), end, number);
    if (error != std::errc{} || stop != end || number < least || number > most)
        throw UsageError(fmt::format("{}: \"{}\" is not a whole number from {} to {}", option, word, least, most));
    return number;
}

int store(std::string text, const TopoOptions& options, const Look& look) {
    if (options.out == "-") {
        if (look.quiet < 2) print_bytes(text);
        return exit_ok;
    }
    write_file(options.out, packed_for(options.out, std::move(text)));
    if (look.quiet == 0) print_error(fmt::format("wrote {}", options.out));
    return exit_ok;
}

int generate(const TopoOptions& options, const Look& look) {
    if (!options.graph.empty())
        throw UsageError(fmt::format("one argument too many: \"{}\" (generate writes to -o FILE)", options.graph));
    if (options.ases.empty()) throw UsageError("generate needs a size, such as --ases 1000");
    const auto ases = number_of<std::uint32_t>(options.ases, "--ases", synthetic_ases_min, synthetic_ases_max);
    const auto seed = number_of<std::uint64_t>(options.seed, "--seed", 0, UINT64_MAX);
    return store(generate_topology(ases, seed), options, look);
}

int convert(const TopoOptions& options, const Look& look) {
    if (options.graph.empty()) throw UsageError("convert needs a file, or builtin:internet-2018");
    return store(convert_topology(options.graph), options, look);
}

int info(const TopoOptions& options, const Look& look) {
    if (options.graph.empty()) throw UsageError("info needs a file, or builtin:internet-2018");
    const TopologyStatistics found = topology_statistics(options.graph, static_cast<std::size_t>(options.destinations));
    const std::string text = options.format == "json" ? topology_json(found) : topology_text(found);
    if (options.out != "-") {
        write_file(options.out, text);
    } else if (look.quiet < 2) {
        print_result(text);
    }
    return exit_ok;
}

} // namespace

Action declare_topo(CLI::App& app, Look& look) {
    const auto options = std::make_shared<TopoOptions>();
    app.add_option("ACTION", options->action,
                   "generate: makes one up; info: measures one; convert: writes one as CAIDA text")
        ->required()
        ->check(one_of({"generate", "info", "convert"}))
        ->group("input");
    app.add_option("GRAPH", options->graph, "CAIDA file (plain, gz, xz), NAME.graphml or builtin:internet-2018")
        ->group("input");
    app.add_option("--ases", options->ases, "size of the generated graph")->type_name("N")->group("what to do");
    app.add_option("--seed", options->seed, "of the generator")
        ->type_name("N")
        ->capture_default_str()
        ->group("what to do");
    app.add_option("--destinations", options->destinations, "how many ASes to compute routes to; 0 none")
        ->type_name("N")
        ->check(whole_number(0))
        ->capture_default_str()
        ->group("what to do");
    app.add_option("-o,--out", options->out, "file; compressed where a graph's ends in .gz, .xz")
        ->type_name("FILE")
        ->capture_default_str()
        ->group("output");
    app.add_option("--format", options->format, "of info: text, json")
        ->type_name("KIND")
        ->check(one_of({"text", "json"}))
        ->capture_default_str()
        ->envname("FIRSTBYTE_FORMAT")
        ->group("output");
    return [options, &look] {
        if (options->action == "generate") return generate(*options, look);
        return options->action == "info" ? info(*options, look) : convert(*options, look);
    };
}

} // namespace firstbyte::tools
