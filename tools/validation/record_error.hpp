/// How a file of measurements is refused.
#pragma once

#include <stdexcept>
#include <string>

namespace firstbyte::validate {

/// A record that cannot be read or converted. `what()` is a sentence with file, line and what is wrong.
class RecordError : public std::runtime_error {
public:
    RecordError(const std::string& file, int line, const std::string& what_is_wrong)
        : std::runtime_error(file + ":" + std::to_string(line) + ": " + what_is_wrong) {}
};

} // namespace firstbyte::validate
