/// `firstbyte help`.
#include "common.hpp"
#include "help.hpp"

#include <memory>

namespace firstbyte::tools {
namespace {

int print_help(const std::string& name, bool man) {
    if (man) {
        print_result(manual_page(name));
        return exit_ok;
    }
    if (name.empty()) {
        print_result(overview());
        return exit_ok;
    }
    const Command* command = find_command(name);
    if (command == nullptr) throw UsageError(unknown_command(name));
    CLI::App app;
    Look unused;
    static_cast<void>(prepare(app, *command, unused));
    print_result(command_help(*command, app, true));
    return exit_ok;
}

} // namespace

Action declare_help(CLI::App& app, Look& /*look*/) {
    const auto name = std::make_shared<std::string>();
    const auto man = std::make_shared<bool>(false);
    app.add_option("COMMAND", *name, "a command [an overview of all]")->group("input");
    app.add_flag("--man", *man, "as a manual page (roff)")->group("output");
    return [name, man] { return print_help(*name, *man); };
}

} // namespace firstbyte::tools
