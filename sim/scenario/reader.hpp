/// Second stage: the values of a document in its full form, with references resolved.
#pragma once

#include "firstbyte/scenario.hpp"
#include "scenario/faults.hpp"
#include "scenario/names.hpp"

#include <string>

namespace firstbyte::scenario {

/// Every name that something in the file can refer to.
struct AllNames {
    Names pops{"PoP", "E301"};
    Names origins{"origin", "E302"};
    Names clients{"client", "E303"};
    Names objects{"object", "E304"};
    Names variants{"variant", "E305"};
    Names listeners{"listener", "E312"};
};

/// Reads what is free of faults; reports unknown names, duplicate ids and missing files (E3xx).
/// @param scenario  receives the values; `file` must be set, relative file references start there
[[nodiscard]] AllNames read_scenario(Faults& faults, const Node& root, Scenario& scenario);

/// The member of `object` if it is there and free of faults, else null.
[[nodiscard]] const Node* good_member(const Node& object, std::string_view key);

/// Path of a file that the scenario names: beside it, or in the working directory when it came by standard input. A
/// file that does not exist is a fault (E308).
[[nodiscard]] std::string file_beside(Faults& faults, const Node& file, const std::string& scenario_file);

// Parts of read_scenario.
void read_loss(const Node& owner, const std::string& pattern, const char* key, Loss& loss);
void read_origins(Faults& faults, const Node& list, AllNames& names, std::vector<Origin>& origins);
void read_clients(Faults& faults, const Node& list, AllNames& names, Scenario& scenario);
void read_events(Faults& faults, const Node& list, AllNames& names, std::vector<Event>& events);
void read_script(Faults& faults, const Node& list, AllNames& names, std::vector<ScriptConnection>& script);
void read_rtt_to(Faults& faults, const Node& owner, AllNames& names, std::vector<std::pair<PopId, Duration>>& rtt_to);

} // namespace firstbyte::scenario
