#include "command.hpp"

namespace firstbyte::tools {

const std::vector<Command>& commands() {
    static const std::vector<Command> table{
        {"simulate", "run", "[options] SCENARIO", "one scenario: prints the summary, checks thresholds",
         "firstbyte run tfo-minimal.fb.json --set origins.web.service_time=80ms", declare_run},
        {"simulate", "compare", "[options] SCENARIO [SCENARIO]", "variants, scenarios or stored results side by side",
         "firstbyte compare tfo-minimal.fb.json --toggle tcp.client_edge.fast_open", declare_compare},
        {"simulate", "sweep", "[options] SCENARIO", "a grid of points of one scenario, in a store",
         "firstbyte sweep s.fb.json --vary edge.cache_hit_ratio=0.5,0.9 -o s.sqlite", declare_sweep},
        {"look closer", "trace", "[options] SCENARIO", "follow single connections packet by packet",
         "firstbyte trace tfo-minimal.fb.json --first 2 -o trace.pcapng", declare_trace},
        {"look closer", "catchment", "[options] SCENARIO", "which clients land on which PoP, and why",
         "firstbyte catchment anycast.fb.json", declare_catchment},
        {"look closer", "explain", "TOPIC...", "what a status code, metric, key or error code means",
         "firstbyte explain 524", declare_explain},
        {"results", "report", "[options] RESULT...", "stored results as md, csv, junit; no new simulation",
         "firstbyte report result.json -o summary.md", declare_report},
        {"results", "merge", "STORE... -o PATH", "joins the shards of a sweep",
         "firstbyte merge a.sqlite b.sqlite -o all.sqlite", declare_merge},
        {"scenarios", "init", "[TEMPLATE]", "writes a first scenario and the schema for editors",
         "firstbyte init tfo-minimal", declare_init},
        {"scenarios", "validate", "[options] SCENARIO...", "checks only: every fault at once, with its place",
         "firstbyte validate tfo-minimal.fb.json", declare_validate},
        {"scenarios", "schema", "scenario|result", "prints the JSON Schema of scenarios or result.json",
         "firstbyte schema scenario > firstbyte.schema.json", declare_schema},
        {"scenarios", "topo", "[options] ACTION [GRAPH]", "makes up AS graphs and measures them",
         "firstbyte topo generate --ases 5000 -o small.as-rel.txt.gz", declare_topo},
        {"housekeeping", "completion", "SHELL", "completion for bash, zsh or fish",
         "firstbyte completion bash > firstbyte.bash", declare_completion},
        {"housekeeping", "version", "[--json]", "version, commit and compiler", "firstbyte version --json",
         declare_version},
        {"housekeeping", "help", "[COMMAND]", "help on a command", "firstbyte help compare", declare_help},
    };
    return table;
}

const Command* find_command(std::string_view name) {
    for (const Command& command : commands())
        if (command.name == name) return &command;
    return nullptr;
}

} // namespace firstbyte::tools
