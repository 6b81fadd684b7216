// What a server and a user can do for segue: `doctor` prints it, the preflight of a run decides by it.
//
// Nothing in the core needs a superuser. What is missing and has a fallback, which the message names, is fine; a
// warning hinders or may break something and says how to mend it; what stops would surely break a promise. What cannot
// be read for want of rights is named and hinders nothing. Every question reads catalogs and views only, and locks no
// table of the user's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pg/connection.h"

namespace segue::pg {

struct Finding {
  enum class Weight { fine, unread, warning, stops };
  std::string name;
  Weight weight = Weight::fine;
  std::string message = {};  // the value, and its limit where there is one
  std::string fix = {};      // what to do; empty where nothing is to be done
  std::int64_t count = 0;    // how many things it is about, where they are counted
  bool detail = false;       // harmless, and shown only to whoever wants to see everything

  bool hinders() const { return weight == Weight::warning || weight == Weight::stops; }
};

// What the questions are about: all tables of the database, or those of a plan. Tables are named schema.table without
// quotes; those that are not there are left out, partitions come with their parents.
struct Scope {
  bool everything = true;
  std::vector<std::string> tables;      // all that the plan has to do with
  std::vector<std::string> changed;     // of these: only their owner may do what is planned
  std::vector<std::string> referenced;  // new foreign keys refer to them
  std::vector<std::string> reshaped;    // they get or lose columns, or columns change names
  std::vector<std::string> synced;      // a trigger of the plan keeps two columns or tables equal
  std::vector<std::string> schemas;     // something is made in them; "" is the first one of the search_path
};

// Asks the server; fails only when the connection is lost.
Result<std::vector<Finding>> capabilities(Connection& connection, const Scope& scope = {});

// Whether the next commit would wait for a standby that is not there, for ever: to be asked before anything is written.
Result<Finding> commits_return(Connection& connection);

}  // namespace segue::pg
