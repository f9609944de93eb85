"""Every kind of item, in the order in which lists of kinds show them: the one place that names them all."""

from collections.abc import Mapping

from brassleaf.catalog.adaptors.models import ADAPTOR
from brassleaf.catalog.crimpfittings.models import CRIMP_FITTING
from brassleaf.catalog.ferrules.models import FERRULE
from brassleaf.catalog.hoses.models import HOSE
from brassleaf.catalog.kinds import Kind
from brassleaf.catalog.otheritems.models import OTHER_ITEM
from brassleaf.catalog.wraps.models import WRAP

KINDS: Mapping[str, Kind] = {kind.item_type: kind for kind in (HOSE, CRIMP_FITTING, FERRULE, WRAP, ADAPTOR, OTHER_ITEM)}
