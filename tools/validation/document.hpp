/// docs/validation.md: one section per subject, each rewritten alone.
#pragma once

#include <string>

namespace firstbyte::validate {

/// The document with the section of `subject` replaced, or added at the end; all else stays as it is.
/// @param document  the old text; empty when there is none yet
[[nodiscard]] std::string with_section(const std::string& document, const std::string& subject,
                                       const std::string& section);

/// Does it to a file, which is replaced whole.
/// @throws std::runtime_error  "cannot write FILE: reason"
void write_section(const std::string& path, const std::string& subject, const std::string& section);

} // namespace firstbyte::validate
