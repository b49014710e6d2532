/// SQLite with errors as exceptions and statements that clean up after themselves.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

struct sqlite3;
struct sqlite3_stmt;

namespace firstbyte::report {

class Database {
public:
    /// A new database in memory.
    Database();
    /// @param create  make the file when there is none
    /// @throws std::runtime_error  "cannot open FILE: reason", as every method does when SQLite refuses
    Database(const std::string& file, bool create);

    void execute(const std::string& sql);
    [[nodiscard]] std::string bytes(); ///< the whole database as its file would be
    [[nodiscard]] const std::string& name() const { return name_; }

    class Statement {
    public:
        Statement& bind(const std::string& text);
        Statement& bind(std::int64_t number);
        Statement& bind(double number);
        Statement& bind_null();
        /// A number as an integer where it is whole, so that equal contents are equal bytes.
        Statement& bind_number(double number);
        Statement& bind_number(const std::optional<double>& number);
        void run();                ///< to its end, and makes it ready to be bound anew
        [[nodiscard]] bool next(); ///< one row; false at the end
        [[nodiscard]] std::string text(int column) const;
        [[nodiscard]] std::int64_t integer(int column) const;
        [[nodiscard]] double real(int column) const;
        [[nodiscard]] bool is_null(int column) const;

    private:
        friend class Database;
        struct Finalize {
            void operator()(sqlite3_stmt* statement) const;
        };
        Statement(Database& database, const std::string& sql);
        void check(int code) const;
        Database& database_;
        std::unique_ptr<sqlite3_stmt, Finalize> statement_;
        int bound_ = 0;
    };
    [[nodiscard]] Statement prepare(const std::string& sql) { return Statement{*this, sql}; }

private:
    struct Close {
        void operator()(sqlite3* handle) const;
    };
    [[noreturn]] void fail(const char* verb) const;
    std::string name_;
    std::unique_ptr<sqlite3, Close> handle_;
};

} // namespace firstbyte::report
