// The questions that capabilities() asks, by theme.
//
// A question is one SQL statement with one row: the weight (fine, unread, warning, stops), the message, and, where they
// are there, what to do about it and how many things it is about. These words stand for values in it: @tables,
// @changed,
// @referenced, @reshaped and @synced are arrays of oids, @schemas too, @plan says whether they are a plan's and not the
// whole database's, @pid is the server process as the client knows it.
#pragma once

#include <span>

namespace segue::pg {

struct Question {
  const char* name;
  const char* sql;
  const char* fix;
  bool detail = false;            // a fine answer is shown only to whoever wants to see everything
  const char* only_if = nullptr;  // SQL: true, or false and what is said then without asking
};

std::span<const Question> server_questions();
std::span<const Question> rights_questions();
std::span<const Question> activity_questions();
std::span<const Question> wal_questions();
std::span<const Question> replication_questions();
std::span<const Question> fallback_questions();

}  // namespace segue::pg
