/// firstbyte-validate: what the simulator says against what was measured elsewhere.
#include "command.hpp"

#include <string>
#include <vector>

int main(int argc, char** argv) { return firstbyte::validate::run_command({argv + (argc > 0 ? 1 : 0), argv + argc}); }
