"""The prices of one run: the book of its policy, the usage file, what the scan tells of Kubernetes nodes."""

from dataclasses import replace
from functools import cached_property
from pathlib import Path

from surplus.config import Governing
from surplus.definitions import Policy
from surplus.environments import environment_of
from surplus.functions.scope import World
from surplus.model import Problem, Resource
from surplus.pricing.book import PriceBook
from surplus.pricing.costs import Costs
from surplus.pricing.models import model_of
from surplus.pricing.nodes import nodes_of, with_nodes
from surplus.pricing.settings import book_of
from surplus.pricing.usage import Usage, read_usage
from surplus.results import PricesUsed
from surplus.rules import usage_asked
from surplus.scan import Options, Scan
from surplus.selection import Selection
from surplus.sources.evaluated import Evaluated
from surplus.trees import named_text


class Market:
    """Prices what a scan has evaluated."""

    def __init__(self, options: Options, scanned: Scan) -> None:
        """Raises `SurplusError` for a usage file or overrides that cannot be read."""
        governing = scanned.of_run
        settings = governing.policy.prices
        folder = Path(options.price_folder) if options.price_folder else None
        self.book, self._problems = book_of(settings, governing.read, folder)
        said = _usage(options, governing)
        self._usage = replace(said, profile=options.usage_profile or settings.usage_profile)
        self.nodes = nodes_of(scanned.roots, self.book, settings.nodes, settings.regions)
        self._resources = [one for evaluated in scanned.roots for one in evaluated.resources]
        self._rules = governing.rules.values()
        self._covered = _covered(scanned.selection, options.usage_file, settings.usage_file)

    def costs(self, evaluated: Evaluated, policy: Policy) -> Costs:
        """The costs of a root, and with them its world."""

        def namespaces_of(one: Resource) -> list[Resource]:
            return world.relations.related(one, "Namespace")

        world = World(evaluated, lambda one: environment_of(one, evaluated.root, policy.environments, namespaces_of))
        world.nodes = self.nodes
        return Costs(world, self.book, self._usage, lambda: self.of_nodes)

    @cached_property
    def of_nodes(self) -> PriceBook:
        """The book for what runs in a cluster."""
        return with_nodes(self.book, self.nodes)

    def problems(self) -> list[Problem]:
        """What is wrong with overrides, and usage that is given for nothing."""
        return [*self._problems, *self._usage.problems(self._resources, self._usage_keys, self._covered)]

    def _usage_keys(self, type_: str) -> set[str]:
        """What a usage file may give for a type: the keys of its cost model, and of rules that look at it."""
        model = model_of(type_)
        keys = {one.usage for one in model.components if one.usage} if model else set()
        for rule in self._rules:
            keys.update(key for of, key in usage_asked(rule) if of == type_)
        return keys

    def used(self) -> PricesUsed:
        """Dates of the prices that were used, and regions that were asked for in vain."""
        missing = tuple(sorted(self.book.missing_regions))
        return PricesUsed(self.book.as_of(), self.book.oldest(), missing, self._usage.profile)


def _covered(selection: Selection, given: str | None, of_policy: str | None) -> bool:
    """Whether all is judged that a usage file may speak of: that of a policy, of the policy's folder; one that the
    command line names, of the folders that it names.
    """
    if given is not None:
        return not selection.files
    return of_policy is None or selection.selects(of_policy)


def _usage(options: Options, governing: Governing) -> Usage:
    """The usage file of the options, else of the policy."""
    if options.usage_file is None:
        path = governing.policy.prices.usage_file
        return Usage() if path is None else read_usage(governing.read(path), path)
    return read_usage(named_text(Path(options.usage_file)), options.usage_file)
