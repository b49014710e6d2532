/// `firstbyte completion`: scripts for shells, from the table of commands.
#include "common.hpp"
#include "help.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>

namespace firstbyte::tools {
namespace {

/// Options of one command, with what completes their values: a list of words where there is one.
struct Completed {
    std::string name;
    std::vector<std::string> options;
};

std::vector<Completed> completed_commands() {
    std::vector<Completed> all;
    for (const Command& command : commands()) {
        CLI::App app;
        Look unused;
        static_cast<void>(prepare(app, command, unused));
        Completed entry{std::string{command.name}, {}};
        for (const CLI::Option* option : app.get_options()) {
            for (const std::string& name : option->get_lnames()) entry.options.push_back("--" + name);
            for (const std::string& name : option->get_snames()) entry.options.push_back("-" + name);
        }
        all.push_back(std::move(entry));
    }
    return all;
}

std::string names_of_commands() {
    std::vector<std::string> names;
    for (const Command& command : commands()) names.emplace_back(command.name);
    return fmt::format("{}", fmt::join(names, " "));
}

/// Values of options that are words of a list. Scenario paths and topics are asked of the program, which has the table.
constexpr const char* bash_values = R"SH(    case $previous in
        --set|--toggle|--vary)
            compopt -o nospace 2>/dev/null
            mapfile -t COMPREPLY < <(compgen -W "$(firstbyte completion words --of keys 2>/dev/null)" -- "$current")
            return ;;
        --variant|--variants|--baseline)
            mapfile -t COMPREPLY < <(compgen -W "$(firstbyte completion words --of variants --file "$scenario" 2>/dev/null)" -- "$current")
            return ;;
        --ci) mapfile -t COMPREPLY < <(compgen -W "github gitlab none" -- "$current"); return ;;
        --color) mapfile -t COMPREPLY < <(compgen -W "auto always never" -- "$current"); return ;;
        --progress) mapfile -t COMPREPLY < <(compgen -W "auto always never json" -- "$current"); return ;;
        --format) mapfile -t COMPREPLY < <(compgen -W "text json md csv" -- "$current"); return ;;
        -o|--out|--cases) compopt -o default 2>/dev/null; return ;;
    esac
)SH";

std::string bash_script() {
    std::string out = R"SH(# bash completion of firstbyte; firstbyte completion bash prints it
_firstbyte() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
    local command=${COMP_WORDS[1]} scenario='' options='' word
    for word in "${COMP_WORDS[@]}"; do [[ $word == *.json ]] && scenario=$word; done
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
)SH";
    out += fmt::format("        mapfile -t COMPREPLY < <(compgen -W \"{}\" -- \"$current\")\n        return\n    fi\n",
                       names_of_commands());
    out += bash_values;
    out += "    case $command in\n";
    for (const Completed& command : completed_commands())
        out += fmt::format("        {}) options=\"{}\" ;;\n", command.name, fmt::join(command.options, " "));
    out += R"SH(    esac
    if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
        return
    fi
    case $command in
)SH";
    out += fmt::format("        help) mapfile -t COMPREPLY < <(compgen -W \"{}\" -- \"$current\") ;;\n",
                       names_of_commands());
    return out + R"SH(        explain)
            mapfile -t COMPREPLY < <(compgen -W "$(firstbyte explain --list 2>/dev/null)" -- "$current") ;;
        completion) mapfile -t COMPREPLY < <(compgen -W "bash zsh fish" -- "$current") ;;
        *) compopt -o default 2>/dev/null ;;
    esac
}
complete -F _firstbyte firstbyte
)SH";
}

/// zsh runs bash completions as they are; only the shell's own set-up differs.
std::string zsh_script() { return "#compdef firstbyte\nautoload -Uz bashcompinit && bashcompinit\n" + bash_script(); }

std::string fish_script() {
    std::string out = "# fish completion of firstbyte; firstbyte completion fish prints it\n"
                      "complete -c firstbyte -f -n __fish_use_subcommand -a '" +
                      names_of_commands() + "'\n";
    for (const Command& command : commands()) {
        CLI::App app;
        Look unused;
        static_cast<void>(prepare(app, command, unused));
        for (const CLI::Option* option : app.get_options()) {
            if (option->get_positional()) continue;
            std::string line = fmt::format("complete -c firstbyte -n '__fish_seen_subcommand_from {}'", command.name);
            for (const std::string& name : option->get_lnames()) line += " -l " + name;
            for (const std::string& name : option->get_snames()) line += " -s " + name;
            if (option->get_items_expected_max() > 0) line += " -r";
            std::string description;
            for (const char c : option->get_description()) description += c == '\'' ? "\\'" : std::string(1, c);
            out += fmt::format("{} -d '{}'\n", line, description);
        }
    }
    for (const char* option : {"set", "toggle", "vary"})
        out += fmt::format("complete -c firstbyte -l {} -x -a '(firstbyte completion words --of keys)'\n", option);
    return out;
}

struct CompletionOptions {
    std::string shell, of = "keys", file;
};

/// Words for the scripts, one a line.
std::string words(const CompletionOptions& options) {
    std::string out;
    if (options.of == "variants") {
        ScenarioOptions scenario;
        scenario.file = options.file;
        for (const Variant& variant : Source{scenario}.load().variants) out += variant.name + "\n";
        return out + "base\n";
    }
    for (const std::string& topic : explain_topics()) {
        const bool key = topic.find('.') != std::string::npos;
        if (options.of == "topics" || key) out += topic + "\n";
    }
    return out;
}

int completion(const CompletionOptions& options) {
    if (options.shell == "bash") print_result(bash_script());
    if (options.shell == "zsh") print_result(zsh_script());
    if (options.shell == "fish") print_result(fish_script());
    if (options.shell == "words") print_bytes(words(options));
    return exit_ok;
}

} // namespace

Action declare_completion(CLI::App& app, Look& /*look*/) {
    const auto options = std::make_shared<CompletionOptions>();
    app.add_option("SHELL", options->shell, "bash, zsh or fish; words is for their scripts")
        ->required()
        ->check(one_of({"bash", "zsh", "fish", "words"}))
        ->group("input");
    app.add_option("--of", options->of, "words: keys, topics or variants")
        ->type_name("WHAT")
        ->check(one_of({"keys", "topics", "variants"}))
        ->capture_default_str()
        ->group("input");
    app.add_option("--file", options->file, "words: the scenario of the variants")->type_name("FILE")->group("input");
    return [options] { return completion(*options); };
}

} // namespace firstbyte::tools
