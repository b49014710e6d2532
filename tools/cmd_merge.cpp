/// `firstbyte merge`: shards of one sweep become one store.
#include "common.hpp"

#include "firstbyte/sweep.hpp"

#include <fmt/format.h>

#include <memory>

namespace firstbyte::tools {
namespace {

struct MergeOptions {
    std::vector<std::string> files;
    std::string out;
};

int merge(const MergeOptions& options, const Look& look) {
    const std::vector<OutputFile> files = output_files({options.out}, {"sqlite"});
    if (files.front().path == "-") throw UsageError("--out: a store is a file, not standard output");
    SweepStore::merge(options.files, files.front().path);
    const SweepStore store{files.front().path};
    if (look.quiet == 0)
        print_result(
            fmt::format("{}    {} of {} points", files.front().path, store.finished().size(), store.planned()));
    return exit_ok;
}

} // namespace

Action declare_merge(CLI::App& app, Look& look) {
    const auto options = std::make_shared<MergeOptions>();
    app.add_option("STORE", options->files, "stores of shards of one sweep")->required()->group("input");
    app.add_option("-o,--out", options->out, "the store to write")->type_name("PATH")->required()->group("output");
    return [options, &look] { return merge(*options, look); };
}

} // namespace firstbyte::tools
