"""Random schemas and random moves: from every boundary, and from beyond the contract, the way back gives everything back."""
import random as randomness

from house import Wrong, case, expect, expect_equal
from random_world import World

ROUNDS = 5
PHASES = ["expand", "backfill", "validate", "enforce", "switch"]


def migration_of(moves):
    return "\n".join(["migration: small", "about: x", "moves:"] + [line for move in moves for line in move] + ["windows: { grace: 0s, trash: 0s }", ""])


def there_and_back(stage, world, moves):
    """With the moves that this schema can have; how many these are."""
    database = stage.own(world.schema, migration_of(moves))
    file = next(database.project.glob("migrations/*/migration.yaml"))
    while moves:
        file.write_text(migration_of(moves))
        answer = database.segue("plan", "small", code=None)
        expect(answer.code in (0, 1), f"the plan ended with {answer.code}: {answer.text}")
        if answer.code == 0:
            break
        moves.pop(world.random.randrange(len(moves)))  # what stops it is told; the others may go
    if not moves:
        return 0
    before = database.fingerprint()
    for phase in world.random.sample(PHASES, 2):
        database.up(phase)
        database.down()
        expect_equal(database.fingerprint(), before, f"the fingerprint after {phase} and back")
    database.up("grace")
    database.segue("finish", "small", "--yes")
    database.approve("new application withdrawn")
    database.segue("restore", "small", "--yes")
    database.down()
    expect_equal(database.fingerprint(), before, "the fingerprint after finish, restore and rollback")
    return len(moves)


@case("random: schemas and moves drawn by the seed, to each boundary and back, and back from beyond the contract")
def back_again(stage):
    moved = 0
    for _ in range(ROUNDS):
        seed = stage.random.randrange(10**9)
        world = World(randomness.Random(seed))
        moves = world.moves()
        try:
            moved += there_and_back(stage, world, moves)
        except Wrong as wrong:
            raise Wrong(f"{wrong}\n    seed {seed}\n{world.schema}\n{migration_of(moves)}") from wrong
    return f"{moved} moves"
