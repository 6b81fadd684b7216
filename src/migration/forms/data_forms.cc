// The moves that carry data: backfill, tenancy, convert.
#include "migration/form.h"

namespace segue::migration {
namespace {

const Form& unique_entry_form() {
  static const Form form = {
      "unique entry",
      "One uniqueness that holds per tenant from now on",
      {
          must("columns", list_of(scalar(Kind::name)),
               "The columns; the tenant's is put in front if it is not among them"),
          may("name", scalar(Kind::name), "The index's name; `uq_<table>_<columns without _id>` unless said"),
          may("where", scalar(Kind::sql), "The condition of a partial index"),
          may("from", word({"contract", "switch"}),
              "When the old global uniqueness leaves: at contract (the default) or at the switch"),
      },
      {},
      "unique: { work_orders: [{ columns: [job_no], from: switch }] }\n",
  };
  return form;
}

const Form& index_entry_form() {
  static const Form form = {
      "index entry",
      "One index that the new shape needs",
      {
          must("columns", list_of(scalar(Kind::line)),
               "The columns or expressions, each with its order: \"date DESC\""),
          may("name", scalar(Kind::name), "The index's name; `idx_<table>_<columns without _id>` unless said"),
          may("where", scalar(Kind::sql), "The condition of a partial index"),
      },
      {},
      "index: { work_orders: [{ columns: [client_id, \"date DESC\"], name: idx_orders_by_date }] }\n",
  };
  return form;
}

Type entries(Kind columns, const Form& form) {
  return map_of(Kind::table, list_of(either({list_of(scalar(columns)), mapping(form)})));
}

}  // namespace

const Form& backfill_form() {
  static const Form form = {
      "backfill",
      "Existing rows get values, in batches, while the application writes",
      {
          must("table", scalar(Kind::table), "The table whose rows change"),
          must("set", map_of(Kind::name, scalar(Kind::sql)), "Column and expression, as after UPDATE … SET"),
          may("from", scalar(Kind::sql), "Further tables, as after UPDATE … FROM"),
          may("join", scalar(Kind::sql), "Joins that follow `from`"),
          may("where", scalar(Kind::sql), "Which rows; all unless said"),
          may("keep_in_sync", word({"derive", "pair", "no"}),
              "How rows written meanwhile stay right: derive (the trigger owns the target), pair (both ways, needs "
              "`back`), no"),
          may("back", map_of(Kind::name, scalar(Kind::sql)), "The way back for a pair: old column and expression"),
          may("key", one_or_more(scalar(Kind::name)), "The columns that the ranges are made of; chosen unless said"),
          may("writers", word({"any", "none"}),
              "none promises, and enforces, that nobody else writes meanwhile: an in-place transform needs it"),
          may("on_disagreement", word({"old_then_new", "refuse", "old", "new"}),
              "Which side wins where both shapes were written and differ"),
          may("triggers", map_of(Kind::name, word({"fire", "skip"})),
              "Whether the table's own triggers see the engine's rows"),
      },
      {},
      "- backfill: { table: work_orders, set: { search_text: \"lower(title)\" }, keep_in_sync: derive }\n",
  };
  return form;
}

const Form& tenancy_form() {
  static const Form form = {
      "tenancy",
      "Rows come to belong to a tenant; all that exist belong to the first",
      {
          must("root", scalar(Kind::table), "The table of tenants"),
          must("first", map_of(Kind::name, scalar(Kind::value)),
               "The first tenant's columns; it is found by its unique key before it is made"),
          must("column", scalar(Kind::name), "The column that says whose a row is"),
          must("tables", list_of(scalar(Kind::table)), "The tables that get the column"),
          may("through", either({word({"auto"}), list_of(scalar(Kind::table))}),
              "Tables that are reached through a parent instead: auto finds them by their foreign keys"),
          may("unique", entries(Kind::name, unique_entry_form()), "What is unique per tenant from now on, by table"),
          may("index", entries(Kind::line, index_entry_form()), "Indexes that the new shape needs, by table"),
          may("on_delete", word({"restrict", "cascade", "set null", "set default", "no action"}),
              "The foreign key's rule when a tenant is deleted: restrict unless said"),
          may("rls", scalar(Kind::boolean), "Whether row level security separates the tenants (false)"),
          may("displace", map_of(Kind::table, scalar(Kind::name)),
              "The name that a column already called `column` gets at the switch, by table"),
      },
      {},
      "- tenancy:\n    root: clients\n    first: { name: Visionwest, code: VISIONWEST }\n    column: client_id\n"
      "    tables: [users, work_orders]\n    unique: { users: [[email]] }\n",
  };
  return form;
}

const Form& convert_form() {
  static const Form form = {
      "convert",
      "A column changes its type; both types live side by side until contract",
      {
          must("table", scalar(Kind::table), "The table"),
          must("column", scalar(Kind::name), "The column"),
          must("to", scalar(Kind::line), "The new type"),
          may("mapping", map_of(Kind::value, scalar(Kind::value)),
              "Old value to new value, for every value there is; its inverse is the way back"),
          may("else", scalar(Kind::value), "The new value of what the mapping does not name"),
          may("using", scalar(Kind::sql), "The new value as an expression"),
          may("back", scalar(Kind::sql), "The old value as an expression over the new one"),
          may("as", scalar(Kind::name), "The new column's own name; without it the two swap names at the switch"),
          may("labels", list_of(scalar(Kind::line)), "The labels of an enum type that is to be made"),
      },
      {
          {Rule::Holds::at_most_one, {"mapping", "using"}},
          {Rule::Holds::needs, {"else", "mapping"}},
          {Rule::Holds::needs, {"back", "using"}},
      },
      "- convert: { table: deals, column: stage, to: opportunity_stage, as: stage_kind,\n"
      "             mapping: { new: lead, won: closed_won } }\n",
  };
  return form;
}

}  // namespace segue::migration
