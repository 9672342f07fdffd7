"""What has words of danger and tells of none: denied, long past, supposed, or a figure of speech.

``NO_DANGER`` is taken out of a message in which a sign of danger was found, and the rest is read again. Every line
here can hide a person in danger, so each is narrow: "no chest pain" goes, "never had chest pain like this" stays.
"""

from __future__ import annotations

from typing import Final

from engage.domain.replies.reading import ABOUT_SOMETHING_ELSE as SURE
from engage.domain.replies.rules import Rule, Table

_SIGN: Final = (
    "(chest (pain|pains|tightness|pressure|discomfort)|(shortness|short) of breath"
    "|(trouble|difficulty|problem|problems|issues|difficulties) (with)? breathing|breathing (problems|issues|trouble)"
    "|fainting|faint|dizziness|bleeding|blood|swelling|swollen|fever|chills|redness|pus|infection|infections|infected"
    "|seizures|seizure|palpitations|suicidal (thoughts|ideation|feelings)|suicidal|suicide|thoughts of suicide"
    "|allergic reactions|allergic reaction|reaction|reactions|numbness|emergency|stroke|strokes|heart attack"
    "|heart attacks|blood clot|blood clots|wheezing|vomiting|passing out|overdose|self harm|contractions)"
)
_LONG_AGO: Final = (
    "((NUM|SCORE|a few|few|many|several|couple of|some|ten|twenty) (years|yrs|year|months|decades) ago|years ago"
    "|last year|in (NUM|my|the (past|nineties|eighties))|as a (kid|child|teen|teenager|baby)|when i was|back in NUM)"
)

NO_DANGER: Final = Table(
    Rule(
        "Denies signs of danger.",
        SURE,
        f"""
        (no|without|zero|nor|denies|not (having|have|any|an|a|really|feeling|been)?|never (had|have|been)) (have|had|more|signs of|sign of|any|further|new|a|history of|sudden|unusual|heavy|bad|active|more|longer|longer have|feel|having|an){{0,3}} {_SIGN} ((or|and|SEP|nor|no|at all|any){{1,3}} (any|no|other|more|signs of|fever|redness){{0,2}} {_SIGN}){{0,5}}(?! (like|until|before|till|so|as))
        (did|have|has|do|does|would|will|had) (i|he|she|we)? not (actually|even|really|ever)? (faint|fainted|pass out|passed out|black out|blacked out|bleed|overdose|collapse|collapsed|choke)
        not (going to|about to) (faint|pass out|die|kill (SELF|anyone))
        (not|no longer) (dying|choking|bleeding|unconscious|infected|suicidal)
        never (fainted|passed out|blacked out|had a seizure)(?! (before|like|until|in))
        no (heart|breathing|chest) (problems|issues|trouble|symptoms|pain)
        (can|could) breathe
        """,
    ),
    Rule(
        "Tells of something long past, or of an illness that is known.",
        SURE,
        f"""
        (stroke|heart attack|seizure|seizures|blood clot|blood clots|clot|miscarriage|aneurysm|concussion|collapsed lung|fainted|passed out|overdosed|suicide|infection|reaction|overdose|head injury) (once|twice|back|SEP|_){{0,3}} {_LONG_AGO}
        (history|hx|risk|fear|survivor) of _{{0,3}} {_SIGN}
        fainted once
        (after|since|recovering from|recover from|recovery from|recovery after|post|treat|treating|survived|rehab after|help with|helps with|help after|for) (a|my|her|his|the|a mini)? (stroke|strokes|seizures|heart attack|miscarriage|concussion|blood clots)
        (after|since) (the|a|my|her)? (miscarriage|concussion|head injury|aneurysm)
        stroke (patient|patients|survivor|survivors|rehab|recovery|recovering|victim|victims|clinic|unit|rehabilitation|therapy|center|of (luck|genius|midnight))
        (mini|post) stroke (in|pain|rehab|recovery)
        (different|breast|brush|back|golf) (stroke|strokes)
        (seizure|suicide|overdose|bleeding|blood clot|heart attack|stroke) (disorder|meds|medication|medicine|prevention|awareness|squad|watch|walk|month|hotline|training|risk|class|support group|documentary)
        (ear|sinus|yeast|urinary|bladder|tooth|eye|respiratory|throat|gum|uti|viral|stomach|bacterial|cat|lung|chest) infection (?!(from|where))
        infection (control|rate|rates|policy|prevention)
        infected (computer|laptop|phone|file|email)
        food poisoning
        poison (ivy|oak|control class)
        (bells|bell) palsy
        (carry|bring|have|own|keep|carrying|has) (an|my|a|her|his){{1,2}} (epipen|epi pen)
        """,
    ),
    Rule(
        "Only supposes it.",
        SURE,
        """
        (what if|what happens if|in case|if|worried|worry|afraid|scared|nervous|anxious) (that)? (i|someone|people|he|she|you|about){1,2} (will|might|would|may|could|ever|will)? (faint|fainting|pass out|fainted|passed out|passing out|bleed)(?! (again|alone|driving))
        (will|would|could|can|do|does|should|might|may) (i|people|you|anyone|patients|someone|it|acupuncture|needles|needling|cupping) (likely|ever|usually|often|make me|make you|cause|make people|probably)? (faint|pass out|bleed|fainting|bruise|bleeding|infection|infections|a stroke)
        in (an|case of) (an)? emergency
        """,
    ),
    Rule(
        "Is a figure of speech.",
        SURE,
        """
        (traffic|back|neck|knee|knees|foot|feet|shoulder|shoulders|hip|hips|leg|legs|head|heat|wait|waiting|headache|migraine|pollen|allergies|suspense|stairs|cold|weather|cough|job|work|bill|price|construction|you|prices|boss|shoes|hand|hands|wrist|jet lag|diet|parking|humidity|sciatica|arm|elbow|tooth|pain|cramps) (SEP|is|are|was|just|really|absolutely|literally|today|still|been|has|have|seriously|always|re|so|my|this){0,3} killing (me|us|it)
        (i am|i)? dying (to|for|of laughter|of laughing|laughing|over|of boredom|of embarrassment|of heat|of hunger|of curiosity)
        (die|died|dead|dying) (of|from) (laughter|laughing|boredom|embarrassment|heat|hunger|shame|thirst|curiosity|cuteness|the heat|the cold|cold)
        to die for
        (die|dies|died) (hard|laughing)
        (phone|battery|laptop|car|tablet|plant|plants|ipad|computer|cell|line|houseplant|remote|mic|flowers|fern|wifi|connection|watch) _{0,3} (dead|die|died|dying|dies)
        (my|our|the) (dog|cat|puppy|kitten|pet|hamster|bird|goldfish|horse) (SEP|just|has|is|was|got|had){0,3} (fainted|died|passed out|collapsed|passed away|dying|passed|dead|a seizure|seizure|bleeding|bit)
        dead (tired|end|line|battery|serious|on my feet|set|zone|weight|phone|body|wrong|ahead|skin|heat|sea|lift|lifts|beat)
        over my dead body
        to death
        death (by|valley|metal)
        kill (time|it|two|for (a|some|an)|this|the (time|lights|engine|workout))
        killing (time|it)
        killed it
        (boss|manager|teacher|coach|trainer|landlord) (is|will|would|might|are){0,2} (going to)? (kill|killing) me
        kill me if (i|we) (miss|forget|forgot|am late|do not|skip|cancel|lose|eat)
        (will|would|might|about|going to)? (kill|murder) (for) (a|some|an)
        chest (of drawers|xray|x|freezer|cold|day|press|hair|congestion|binder|workout|muscles|piece|of)(?! (pain|pains))
        (ice|treasure|hope|tea|tool|hairy|war|medicine) chest
        off (my|her|his|your) chest
        heart (of the|to heart|monitor|rate|doctor|healthy|goes out|felt|warming|specialist|meds|medication|stent|murmur|is happy|is full|burn)
        (bleeding|broken) (heart|hearted)
        pressure (at|on you|from|to|washer|cooker|cuff|at work) (work|you|my boss|school|the)
        (under|lot of|lots of|too much|no|much|work|blood|tire|tires|water|peer|low|high) pressure (at|on you|from|in (my|the) tires|is|was|reading|med|meds|pills|>|NUM)(?! (on|in) my chest)
        (gave|given|give|giving) (me|us|him|her) (a|another)? heart attack
        (almost|nearly|about) (gave me|had|have|having) (a|another)? heart attack (when|at|SEP|over|from|seeing|looking|reading)
        (passed|passing|pass) out (the|some|all|our|my|free|more|SEP)? (flyers|candy|cards|brochures|flyer|pamphlets|samples|forms|papers|leaflets|invitations|snacks|water|food|homework|tests|gifts|surveys|copies|programs)
        (passed|passing) out (cold)? (on|in|after|last|at|early|by|before|SEP|the|my|a|couch|bed|sofa|dinner|night|NUM|pm|and|so|from exhaustion|early){1,6} (slept|sleep|asleep|snoring|best|woke)
        (<|i|just|and) (just|totally|also)? (passed out|collapsed) (cold)? (on|onto|into|in) (the|my|our)? (couch|bed|sofa|recliner|hammock)
        (garage|mall|stadium|building|scaffold) _{0,2} collapsed
        collapsed (tent|stroller|bridge|table|box|umbrella|chair|tunnel)
        (bridge|tent|roof|ceiling|deal|market|table|chair|shelf|tunnel|wall|umbrella|cake|economy|building) (SEP|has|just){0,2} collapsed
        (?<!to)(?<!not) (took|takes|take|save|waste|bad|hold|holding|under|minty|fresh|morning) (my|your|a|her|his|the|our|deep){0,2} (breath|breaths)(?! (SEP|and|but|because|hurts|it) _{0,3})
        breathing (exercise|exercises|class|work|technique|techniques|room|treatment|practice|easy|better|great|fine|well|deeply|is (great|better|good|fine|easy|easier))
        breathe (better|easier|easily|again|fine|well|deeply|easy)
        (nose|nostril|nostrils|sinus|sinuses|congested|congestion|stuffy|stuffed) (SEP|_){0,6} BREATHE (through (it|them|my nose))?
        BREATHE (through|out of|thru) (my|the|his|her)? (nose|nostrils|nostril|mask)
        out of breath (SEP|_){0,3} (stairs|running|ran|run|bus|hill|hills|gym|workout|jogging|climbing|hiking|treadmill)
        faint (smell|line|lines|hope|of heart|mark|bruise|memory|light|sound|odor|scar|idea|noise|music|signal)
        for the faint
        faint (at|when) (i see|the (price|bill|cost|sight)|_ (price|bill|cost))
        (power|electrical|electricity|internet) (is|was)? (blackout|blackouts|went|black out)
        (blackout|black out|blackouts) (curtains|curtain|shades|blinds|dates|date|at my|period|in my|poetry|bingo|cake)
        unconscious (bias|habit|mind)
        blacked out (on|for|in|through)? (the|my)? (calendar|windows|dates|screen|schedule)
        (overdosed|overdose|od|overdosing) (on|of) (work|love|fun|sun|sugar|chocolate|candy|netflix|caffeine|coffee|cake|cookies|pizza|pie|turkey|tv|sushi|cheese|carbs|desserts|ice cream|halloween|food)
        (shoot|shot|shooting) (me|you|us|it|for|over|a|her|him|SEP)
        (hang|hanging|hung) (on|in there|tight|out|up|around|in)
        (hurt|cut|burned|burn|cutting) (myself|himself|herself) (SEP|pretty bad|badly|again|yesterday|today|a bit|while|when|bad|really|last|weekend|week|night){0,3} (lifting|at|gardening|playing|running|cooking|shaving|moving|doing|skiing|working|cleaning|biking|riding|hiking|exercising|dancing|falling|slipping|reaching|bending|stretching|swimming|lifted|carrying|on (a|the|my|some)|in the|with (a|the|my) (weights|knife|stove|oven)|jogging|chopping|slicing|chasing|getting|sneezing|training|snowboarding|surfing|during|golfing|bowling|wrestling|opening|picking|shoveling|raking)
        (killing|kill|killed) (myself|himself|herself) (laughing|at the gym|with work)
        (cutting|cut) (back|carbs|down|out|it|sugar|dairy|grass|corners|class|the)
        (red|hot) (hot)? (chili|chilli|pepper|peppers|wine|meat|light|lights|tape|flag|flags|line (train|is|to|stop|delay|delayed)|sox|cross|bull|lipstick)
        red (spot|spots|mark|marks|circle|circles) (SEP|is|are|_){0,2} (from|normal|after) (the)? (cupping|cups|normal|after cupping)
        hot (pack|packs|stone|stones|tub|tea|water|day|yoga|flash|flashes|and cold|shower|bath|coffee|towel|towels|sauce|compress|pad|dog|dogs|weather)
        (room|office|lobby|car|weather|outside|it) is (so|too|very|really)? (hot|warm)
        (weather|outside|thermostat|room|oven|heat index|office|degrees) (SEP|_){0,2} (temp|temperature) _{0,3}
        HIGH (degrees|f)? (outside|out|today in|in the shade)
        (cabin|hay|baby|spring|gold|saturday night|dance) fever
        (bleeding|bleed) (money|cash|edge|hearts|heart|the brakes|into (the|my) (next|other))
        (bruise|bruises|bruising|mark|marks|nail) _{0,3} (turning|turned|is|are|went|going) (a)? (blue|purple|yellow|green)
        (water|the) (cooler|main|pipe|heater) (broke|broken)
        water (main|pipe|heater|cooler) (broke|broken)
        labor (day|of love|costs|party|law|department)
        (spring|seized) contractions
        emergency (contact|contacts|exit|exits|number|numbers|form|forms|brake|room (was|last)|line|fund|plumber|meeting|vet|slot|slots|appointment|kit|information|info|physician|lights|preparedness|landing)
        (family|work|plumbing|school|pet|dental|fashion|home|car|personal|kid|childcare|non|roof|not) emergency
        hospital (entrance|gift|parking|cafeteria|garage|side|street|road|gown|bill|records|shift|next|near|lobby|for (work|a shift))
        (price|bill|cost|that|pill) (that|to|is|was)? (hard)? (to)? swallow
        not swallow (that|this|the) (price|bill|cost|news|pill)
        (hard|difficult|tough) (pill)? to swallow (that|this|the)? (price|bill|cost|news|pill|>)
        sob (story|stories)
        (suicide|suicides) (doors|squeeze|king)
        (jump|jumping) (in|on|into|out) (the|a|my){1,2} (shower|car|call|bed|zoom)
        (end|ending) (it|things|everything) (at|by|with (my|the) (gym|landlord|job|insurance|contract))
        gun (show|range)
        (jaw|face|mouth) (is|was|are|still|feels) numb from (the|my) (dentist|novocaine|filling)
        mouth watering
        no hope of (parking|getting|finding)
        not responding to (my|your|our|the|calls|texts|emails|messages)
        (website|site|app|portal|link|page|screen|phone|system) (SEP|is|was|are|keeps|still){0,3} not (responding|moving|working|waking)
        not go on (NUM|DAY|MONTH|vacation|that|the|a)
        tired of (my life insurance|living (in|with|out of|on))
        (long|good|real|my|whole|love) life (saver|insurance)
        (point of|point in) (living) (in|near|with)
        """,
    ),
    Rule(
        "Denies or supposes it, or is a figure of speech, in Spanish.",
        SURE,
        """
        (no|sin|nunca|ni|ningun|ninguna) (tengo|hay|he tenido|tuve|siento|tiene|tenia|hubo|es|es una|es un|presento){0,2} (mas|ningun|ninguna|algun|nada de|un|una){0,2} (dolor (de|en el|del) pecho|dificultad para respirar|falta de aire|problemas para respirar|fiebre|sangrado|infeccion|emergencia|desmayos|desmayo|mareos|palpitaciones|convulsiones|hinchazon|pus|sangre|pensamientos suicidas|reaccion alergica|reaccion|derrame|infarto)
        (no|nunca) (me)? (he)? (desmaye|desmayado|desmayo|sangra|sangro|desmayado)
        (no|ya no) (estoy|esta|sigue)? (sangrando|sangra|infectado|infectada|inconsciente)
        no me (falta|ha faltado) (el)? aire
        (derrame|infarto|ataque|embolia|convulsion|convulsiones) (SEP|_){0,3} (hace (NUM|SCORE|muchos|unos|varios|algunos) (anos|meses)|en NUM|de nino|de nina|el ano pasado)
        (hace (NUM|SCORE|muchos|unos|varios) anos) (SEP|_){0,4} (derrame|infarto|ataque|embolia|convulsion)
        (derrame|mancha) de (cafe|agua|leche|vino|aceite)
        (antecedentes|historia|historial) (familiares|familiar)? de _{0,3}
        (muero|muriendo|morir|muerto|muerta|muertos|muertas) de (la)? (risa|hambre|sueno|calor|frio|ganas|pena|verguenza|sed|cansancio|miedo|aburrimiento|nervios|amor|curiosidad|gusto)
        (muero|muriendo) por (_{0,2})
        (calor|frio|hambre|verguenza|cansancio|risa|sueno) SEP? (me)? (muero|muriendo)
        (trafico|calor|espalda|cabeza|rodilla|rodillas|zapatos|frio|cuello|hombro|trabajo|dolor|dolor de (espalda|cabeza|cuello|rodilla)|pies|alergias|alergia|cadera|ciatica|estres|suegra) (SEP|_){0,2} (me)? (esta|estan|siguen|sigue)? (matando|mata|matan)
        me (esta|estan|sigue)? (mata|matan|matando) (el|la|los|las|este|esta|mi|mis) (trafico|calor|espalda|cabeza|rodilla|rodillas|zapatos|frio|cuello|hombro|dolor de (espalda|cabeza|cuello|rodilla|pies)|cadera|ciatica|pies|alergia|alergias|estres|pie|trabajo|tos)
        (se|me) (me)? (murio|muere|esta muriendo|estoy quedando) _{0,3} (celular|telefono|bateria|carro|coche|cel|perro|gato|pila|computadora|perrita|perrito)
        (celular|telefono|bateria|carro|coche|cel|perro|gato|pila) (SEP|se|me){0,3} (murio|muere|muriendo|esta muriendo|desmayo)
        (contacto|numero|salida|freno|cuarto|formulario|telefono|linea|luces) de emergencia
        emergencia (familiar|de trabajo|en el trabajo|en la escuela)
        ambulancia (bloqueando|bloqueo|bloquea|en la calle|en el camino)
        (factura|cuenta|cobro|recibo) (de|por) (la)? ambulancia
        no (es|fue) (una)? (emergencia|urgente)
        (por|de) la nariz
        ahogo en (papeles|trabajo|deudas|un vaso)
        no (puedo|puede) mas (tarde|temprano|de|que|el|los|este)
        (cortarme|corte|corto|cortar|cortarse) (el|la|las|los) (pelo|dedo|cabello|unas|cejas|mano)
        (hago|hacer|hice|lastime|lastimarme|lastimo) (dano|lastimarme)? (SEP)? (jugando|corriendo|cargando|cocinando|en el gimnasio|en el trabajo|levantando)
        (de|todo) (todo|mi)? corazon
        (prueba|examen|analisis|tipo|banco|donar|azucar en la|presion|donacion) de sangre
        (fiebre del heno|fiebre de sabado)
        (pasa|pase|paso) por urgencias
        """,
    ),
)
