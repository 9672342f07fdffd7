"""Words of danger in English: of the body. Recall first: a sign too many costs a look, one missed may cost a life.

No rule here knows what somebody has. The signs are those for which public advice is to call for help: of heart attack
and stroke, of an allergic reaction, of what may follow needling (a collapsed lung, an infection, fainting), of
bleeding in pregnancy, of pressed nerves of the spine. ``danger_guards`` takes out what is denied, past or a figure
of speech, ``danger_harm`` has dying and violence. Read by ``signs.pattern``; CLASSES are in ``care_words.py``.
"""

from __future__ import annotations

from typing import Final

from engage.domain.replies.reading import DIRECT, INDIRECT
from engage.domain.replies.rules import Rule

BODY: Final = (
    Rule(
        "May be in danger: speaks of the chest, the breath or the heart.",
        DIRECT,
        """
        CHEST _{0,5} ACHE
        ACHE _{0,4} CHEST
        elephant _{0,3} chest
        (can|could) not (even|really|hardly|get|seem to|catch|my|enough|any|take|a|deep|full|properly|barely|draw|her|his|stop gasping|good|much){0,4} (BREATHE|air|breath)
        (hardly|barely|scarcely) (able to)? (BREATHE|catch my)
        HARD (time|to|with|when|while|for|in|a|i|take|taking|my|be|is|catching|having|get|getting|deep|if|whenever|she|he|it|every time|really|just|trying|gasping|even){0,6} (BREATHE|air)
        BREATHE (is|feels|really|so|very|getting|been|has|was|a bit|become){0,3} (HARD|labored|shallow|worse|bad|heavy|weird|funny|fast)
        ACHE _{0,8} BREATHE
        (short|shortness|shorter|out|loss|lack|low) (of|on) breath
        << sob >>
        sob (since|after|when|and|while|with|at|now|today|walking)
        (am|feel|feeling|having|have|is|with|some|bad|very) sob
        not (able to)? BREATHE
        unable to BREATHE
        (stopped|stops|quit|keeps stopping) breathing
        (gasping|wheezing|wheezy|suffocating|smothering|choking|breathless|breathlessness|hyperventilating|asphyxiating)
        gasping for
        (collapsed|punctured|popped|deflated|pierced) (a|my|the|his|her)? (lung|lungs)
        (lung|lungs) (is|has|was|feels|have|been|may have|might have|just){0,3} (collapsed|punctured|popped|collapsing|deflated)
        pneumothorax
        (no|not|without) (have|feel|find|get|a|any|have a|feel a|find a|get a|feel his|feel her|find his|find her)? pulse (?!oximeter)
        (skin|face|KIN|NAME) (is|are|looks|look|looking|turned|turning|going|gone|went|very|so|really|has){1,3} (blue|purple|grey|gray|pale|ashen|clammy)
        (turning|turned|going|gone|went|looks|looking|very|really|so) pale (?!ale)
        (stuck|caught|lodged) (in|down) (my|his|her|the|their) throat
        asthma attack
        inhaler (SEP|is|has|does|_){0,3} (not|failed|empty|ran)
        (can|could) not (get|catch) _{0,3} (air|oxygen)
        angina
        (lips|lip|fingertips|nails|mouth|hands|fingers) _{0,3} (blue|purple|grey|gray)
        (turning|turned|going|gone|turns|went) (blue|purple|grey|gray)
        heart attack
        heart attacks
        cardiac (arrest|event)
        heart _{0,4} (racing|pounding|fluttering|skipping|stopped|hurts|hurting|palpitations|irregular|pain|pains|aches|flutters|races|palpitating|fluttery|hurt|squeezing)
        heart (is|keeps|has been|feels){0,2} beating (so|too|really|very|fast|hard|out|irregularly|funny|crazy|a mile)
        (pain|pains|ache|tightness|pressure) _{0,2} heart
        racing (heart|pulse)
        (irregular|rapid|fast) (heartbeat|heart beat|pulse)
        (palpitations|palpitation)
        (pain|pains|ache|aching|tingling|numbness) (going|shooting|radiating|spreading|running|moving|in|into|and){0,2} (down|in|to|up) (my|the|his|her)? left arm
        left arm _{0,4} (tingling|heavy|sweating|jaw)
        (arm|jaw) and (my)? (jaw|left arm|arm)
        """,
    ),
    Rule(
        "May be in danger: speaks of fainting or of a seizure.",
        DIRECT,
        """
        (fainted|fainting|faints)
        (feel|feeling|feels|felt|getting) _{0,3} faint
        (going to|about to|almost|nearly|might|i will|could|keep|close to) (just|even|actually|probably)? faint
        << (please|help|very|so|feel){0,2} faint >>
        (passed|passing|passes) out
        (going to|about to|almost|nearly|might|i will|could|feel like i will|did) (just|even|probably)? pass out
        (blacked|blacking|black) out
        (blackout|blackouts)
        (everything|it all|all|vision|world) went (black|dark)
        (saw|see|seeing) black
        (lost|lose|losing|loses|loss of) consciousness
        (unconscious|unresponsive|comatose)
        (collapsed|collapsing|collapses)
        (will|can|could|would) not wake up (?!(early|this|at|before|so|that|late|on|in))
        not wake (him|her|them|NAME|my _|mom|dad) (up)?
        (is|are|KIN|NAME) (is|are)? not (waking|wake) up
        (KIN|NAME|<|and) (is|are|was)? not (responding|reacting|moving) (>|and|at all|anymore|to me|to us)
        (dropped|fell|falling) to the (floor|ground)
        (so|too|very|extremely|really|super|severely|incredibly|badly|and) (dizzy|lightheaded|light headed) (SEP|_){0,4} (can not|confused|fall|falling|fell|stand|walk|vomiting|throwing up|vision|faint|get up)
        (dizzy|dizziness|lightheaded|light headed) (SEP|_){0,4} (chest|heart|palpitations|confused|faint|numb|vision|fell|pass out|passing out|can not stand|can not walk|can not see|sweating)
        (palpitations|confused|numb|vision) and (dizzy|lightheaded)
        (seizure|seizures|seizing|convulsing|convulsion|convulsions)
        had a fit
        (shaking|shivering|trembling|jerking|twitching) (uncontrollably|violently|all over and)
        (syncope|fainty)
        """,
    ),
    Rule(
        "May be in danger: speaks of what may be a stroke.",
        DIRECT,
        """
        (stroke|strokes)
        (face|mouth|eyelid|cheek|smile|lip) _{0,6} (droop|drooping|drooped|droopy|droops|sagging|crooked|lopsided|uneven)
        (drooping|droopy|crooked|lopsided|sagging|drooped) _{0,3} (face|mouth|smile|side)
        half (of)? (my|his|her|the)? (face|body) _{0,3} (numb|not|will|can|dead|droop|weak|asleep|tingling)
        (numb|numbness|weak|weakness|tingling|paralyzed|limp|tingly) _{0,4} (one|left|right|whole|entire) (side|half|arm)
        (numb|numbness) _{0,3} (half|side|face)
        (one|left|right) (side|half) (SEP|of|the|my|his|her|is|went|has gone|gone|feels|going|goes|face|body|arm|and|just|suddenly|has|was|all|totally|completely|so|really){0,6} (numb|numbness|weak|weakness|paralyzed|dead|limp|tingling|not moving|droop|drooping|will not)
        (left|right|one) arm (and (leg|face))? (is|went|has gone|feels|going|goes|gone|just|suddenly|so|really|all|completely|totally){0,3} (numb|weak|limp|dead|paralyzed)
        numb (left|right) (arm|side|face)
        (sudden|suddenly) (SEP|_){0,2} (numbness|numb|weakness|weak|confused|confusion|dizziness|blind|paralysis|collapse)
        (numb|numbness|weakness|weak|confused|confusion) (all of a sudden|suddenly)
        (face|mouth|cheek) (is|feels|went|has gone|gone|and){1,3} (numb|paralyzed)
        (can|could) not (move|feel) (my|his|her|the|one|either|both|left|right|half|of|whole|entire|side){1,5} (arm|arms|leg|legs|side|face|hand|hands|feet|foot|body|mouth|limbs|tongue|lips)
        (arm|leg|arms|legs|side|hand) (SEP|_){0,1} (will|can|does|do) not (move|work)
        (can|could) not (lift|raise|use) (SEP|_){1,5} (sudden|suddenly)
        (slurred|slurring|slur|slurs)
        (garbled|jumbled|mumbling) (speech|words)
        (can|could) not (speak|talk) (>>|at all|or (move|walk)|and (his|her|my|he|she|one))
        not able to (speak|talk)
        words (will|do|are|would|does|did) not (coming|come|work|making sense) (out|right|>)
        (can|could) not (find|get|form|remember) (my|the|any|his|her)? words
        (talking|speaking) (funny|weird|gibberish|nonsense|strangely)
        face (feels|felt|is feeling) (funny|weird|strange|heavy|frozen|stiff)
        arm (SEP|has|just|is){0,2} (went|gone|going|goes) (numb|limp|dead|weak)
        arm weakness
        (KIN|NAME|suddenly) (is|are)? not making (any)? sense
        hearing voices
        speech (is|was|sounds|has been|getting|coming|is coming){0,2} (coming out wrong|off|weird|garbled|funny|wrong|jumbled)
        (trouble|difficulty|difficulties|problems|unable|struggling|hard time) (with|to|in)? (speaking|speak|talking|talk|finding words|forming words|getting words out)
        (can|could) not (speak|talk) (properly|clearly|straight|all of a sudden|suddenly|normally|right (>|SEP))
        words (come|coming|came|are coming) out (wrong|jumbled|funny|garbled|weird)
        (KIN|NAME) _{0,3} (confused|disoriented|delirious) (>|and|since|today|now|suddenly|this)
        (lost|losing|loss of|lose) (my|his|her|the|all)? (vision|sight|eyesight)
        (vision|sight|eyesight) (loss|gone|went|is gone|is going|is blurry|blurry|is double|going|has gone)
        (can|could) not see (anything)? (out of|from|with|in) _{0,3} (eye|eyes)
        (gone|went|going) blind
        blind in (one|my|the|his|her)
        (blurry|blurred|double) vision
        seeing double (?!(booked|charges|charge))
        (worst|most (severe|painful|horrible|intense)) (headache|head ache|migraine|head pain)
        (sudden|suddenly|thunderclap) _{0,4} (headache|migraine|head pain)
        headache (SEP|_){0,4} (sudden|suddenly|stiff neck|vomiting|throwing up|of my life)
        (stiff|sore) neck (SEP|_){0,4} fever
        fever (SEP|_){0,5} (stiff|sore) neck
        """,
    ),
    Rule(
        "May be in danger: speaks of an allergic reaction.",
        DIRECT,
        """
        throat _{0,5} (closing|closed|closes|tight|tightening|tightness|constricting|close|shut|blocked|SWOLLEN)
        (closing|tightness|tight|SWOLLEN) (up|in|of)? (my|the|his|her)? throat
        (tongue|lips|lip|face|mouth|eyes|eyelids|cheeks) (and|or|are|is|my|face|lips|tongue|has|have|all|really|so|getting|suddenly|both|started|starting|got|keeps|feels|look|looks|eyes|throat|to|very|been|a bit|bit|a little|feel|tingly|tingling|itchy|numb){0,5} SWOLLEN
        SWOLLEN (in|of|my|the|and|up|around|a|lips|face|tongue|his|her){0,4} (tongue|lips|lip|face|mouth|eyes)
        (allergic|anaphylactic) (reaction|reactions|shock|attack)
        (reacting|reaction) (badly|bad|severely)
        (bad|severe|terrible|horrible|serious) reaction
        (anaphylaxis|anaphylactic)
        (used|using|use|need|needed|gave|took|give|giving) _{0,2} (epipen|epi pen)
        << (my)? (epipen|epi pen) >>
        hives (all over|everywhere|and|on my (face|neck|throat|chest)|spreading|breaking|after|all)
        (covered in|broke out in|breaking out in|have|got) (hives|welts)
        (severe|bad|terrible) (allergy|allergies) attack
        snake (bite|bit|bitten)
        (bit|bitten|stung) by a (snake|scorpion|rattlesnake)
        (can|could) not swallow
        (trouble|difficulty|hard time|unable to|painful to|problems) swallow
        (trouble|difficulty|hard time|problems) swallowing
        """,
    ),
    Rule(
        "May be in danger: speaks of bleeding.",
        DIRECT,
        """
        (hemorrhage|hemorrhaging|haemorrhage|hemorrage)
        blood loss
        passing (large|big|huge|blood|some|a lot of|lots of){0,2} (clots|clot|blood)
        bleeding _{0,4} (a lot|massively|severely|heavily|badly|bad|everywhere|out|so much|too much|profusely|nonstop|non stop|heavy|through|hard|uncontrollably|hours|like crazy|internally|and it will not)
        (heavy|heavily|severe|massive|profuse|lots of|lot of|uncontrolled|much|bad|serious|constant|excessive|internal|rectal|vaginal|nonstop|continuous|badly) bleeding
        bleeding (will|does|do|is|has|did|would|can|just|wound){1,2} not (stop|stopping|stopped|slow|let|quit|slowing|clot|clotting)
        (not|never) (stop|stops|stopped|stopping|quit) bleeding
        (can|could) not (get|make|stop|control|seem to stop) (it|the|this|to|my|stop|from|his|her){0,3} (bleeding|blood)
        (stop|control|slow) (the|this|my|his|her) bleeding
        (when|will) (does|will|do|should|is)? (the|this|it|my){1,2} bleeding (ever|going to)? stop
        (still|keeps|keep|kept|continues to|started|constantly|been) (on|up)? (bleeding|bleed)
        (nosebleed|nosebleeds|nose bleed|bleeding nose|bloody nose) _{0,5} (stop|hour|hours|minutes|stopping)
        blood _{0,2} (everywhere|gushing|pouring|spurting|squirting|all over|dripping|clots|coming)
        (lots|lot|so much|too much|losing|lost|gushing|pool|puddle|full|loss|pints|leaking|covered|ton|tons) (of|a|lot|in|much|the|so|too){0,3} blood
        (coughing|cough|coughed|spitting|spit|vomiting|vomit|vomited|throwing|threw|throw|puking|puked|puke|peeing|pooping|urinating|passing|pee|poop|spat|coughs|vomits) (up|out|bright|red|some|a|little|bit|of|lots|is|with){0,4} (blood|bloody)
        blood (in|with|on) (my|the|his|her)? (urine|pee|stool|stools|poop|vomit|spit|sputum|toilet|phlegm|puke|mucus|semen)
        (black|bloody) (tarry)? (stool|stools|poop|vomit|urine|diarrhea)
        (soaked|soaking|bled) (SEP|_){0,4} (blood|bandage|bandages|pad|pads|gauze|towel|shirt)
        """,
    ),
    Rule(
        "May be in danger: speaks of trouble in pregnancy.",
        DIRECT,
        """
        (pregnant|pregnancy|trimester) (_|SEP){0,10} (bleeding|spotting|blood|contractions|cramps|cramping|bled|leaking|dizzy|severe|bleed|badly|headache|pain)
        weeks (_|SEP){0,8} (bleeding|spotting|blood|contractions|bled|leaking fluid)
        (bleeding|spotting|spotted|bled|blood|cramps|cramping|bleed|leaking) (_|SEP){0,8} (pregnant|pregnancy|trimester)
        (bleeding|spotting|spotted|bled) (_|SEP){0,4} weeks
        water (just|has|have|had)? (broke|broken|breaking)
        (miscarriage|miscarrying|miscarried|miscarry|preeclampsia|eclampsia)
        contractions
        (going into|in|early|preterm|premature) labor
        baby _{0,5} (not moving|not moved|stopped moving|not kicking|not move|not kicked|moving less|stopped kicking)
        not (feel|felt|feeling) (the|my)? baby
        (reduced|fewer|less|no) (fetal|baby)? (movement|movements|kicks)
        """,
    ),
    Rule(
        "May be in danger: speaks of what may be an infection.",
        DIRECT,
        """
        (red|redness|reddish) (SEP|_){0,5} (hot|spreading|streak|streaks|pus|fever|warm (and|to|SEP)|and warm|burning hot)
        red (line|lines) (going|up|running|on my|from|moving|coming|spreading)
        red (streak|streaks|streaking)
        (hot|warm) (SEP|and|to|the){0,3} (touch|red|swollen|painful)
        hot (spot|lump|bump|skin|area) (on|where|at|from|>)
        (swollen|swelling|lump|bump|spot|site|calf) (SEP|_){0,3} (hot|warm)
        (redness|rash|red|it|infection|swelling) (SEP|is|and|keeps|has|are|looks|like|it|started|getting){0,4} spreading
        (needle|needles|needled|site|puncture|insertion|injection|cupping) (SEP|_){0,6} (infected|infection|pus|oozing|hot|spreading|warm|leaking|green|yellow)
        (swollen|hot|infected|oozing|pus|warm|leaking) (SEP|_){0,7} (needle|needles|needled|site|puncture)
        fever (SEP|_){0,8} (red|hot|swollen|needle|needles|needled|needling|spot|confused|confusion|chills|shaking|rash|spreading|site|shivering|rigors|infected|acupuncture)
        (chills|shaking|rash|shivering|swollen|red|confused|needled) (SEP|_){0,5} fever
        fever (SEP|is|of|at|was|over|up|to|hit|above|a|my|around|about|hitting|reached|has|gone|it){0,4} HIGH
        HIGH (degree|f|degrees|c|deg){0,2} (fever|temp|temperature)
        (temp|temperature) (is|of|at|was|over|up|to|hit|above|around|about|hitting|reached|SEP){0,3} HIGH
        (high|spiking|raging|bad) (fever|temp|temperature)
        pus
        (oozing|septic|sepsis|cellulitis|gangrene|abscess)
        blood poisoning
        infected
        (have|has|got|think|looks|like|is|getting|an|might|could|signs|skin|possible|bad|maybe|a|the|it) infection (from|where|in my|at|on|since|after|>|and|in the|of the)
        infection (where|at|around|from|near) (the|my|your|needle|needling|needles|acupuncture)
        << infection >>
        """,
    ),
    Rule(
        "May be in danger: speaks of the spine's nerves, the head, a clot or a needle.",
        DIRECT,
        """
        (lost|losing|lose|loss of|no) (all)? control (of|over) (my|his|her|the)? (bladder|bowel|bowels|legs)
        (can|could) not (control|hold|feel|empty) (my|the|his|her)? (bladder|bowel|bowels|pee|urine|poop)
        (can|could) not (pee|urinate|pass urine|feel myself pee)
        (wet|peed|peeing|soiled|pooped) (on)? myself
        saddle (numbness|numb|area|anesthesia)
        (numb|numbness|tingling) _{0,5} (groin|genitals|saddle|between my legs|crotch|private|privates|inner thighs|buttocks)
        (groin|genitals|crotch|privates|private area) _{0,3} (numb|tingling)
        not (feel|feeling) _{0,3} (between my legs|groin|genitals|crotch)
        (can|could) not (walk|stand) (up)? (all of a sudden|suddenly|at all|anymore|any more)
        (paralyzed|paralysed|paralysis)
        (can|could) not (feel|move) (anything|my (body|legs)|much|a thing) (below|from|under|past)
        (numb|no feeling|nothing) (from|below) (the|my) (waist|hips|neck|knees)
        (waist|neck) down (is|feels|went|has gone){0,2} (numb|dead|paralyzed)
        (severe|bad|serious|third degree|second degree|terrible|deep|chemical|electrical) (burn|burns)
        bone (SEP|_){0,3} (sticking|poking|visible|through)
        (compound|open) fracture
        (smoke|gas) inhalation
        (house|home|apartment|building|kitchen) (is)? on fire
        carbon monoxide
        (severe|terrible|unbearable|worst|excruciating|intense|horrible|agonizing) (stomach|abdominal|belly|tummy|abdomen) (pain|pains|ache|cramps)
        (blood)? sugar (is|was|dropped|too|very|really|dangerously|so|feels|got|way){1,4} low
        (hit|banged|bumped|smacked|cracked|injured|struck|hitting) (my|his|her|their|the back of my|the back of his|the back of her) head
        (head injury|concussion|skull fracture|brain bleed|aneurysm)
        (blood clot|blood clots|dvt|pulmonary embolism)
        (calf|leg|thigh) (SEP|_){0,4} (swollen|hot|red|warm) (SEP|_){0,3} (hot|red|warm|swollen)
        (needle|needles) (SEP|_){0,3} (still|left|stuck|broke|broken|snapped|bent) _{0,3} (in|inside|off|my)
        (left|forgot|forgotten|missed|still) _{0,3} (needle|needles) (still)? (in|inside) (my|me|his|her|the (skin|back|ear|leg|arm|neck))
        """,
    ),
)

CALLS: Final = (
    Rule(
        "May be in danger: speaks of an emergency or of calling for help.",
        INDIRECT,
        """
        << (SEP|please|help){0,3} RESCUE (SEP|please|now|help){0,3} >>
        (call|calling|called|dial|dialing|dialed|phone|phoned|need|get|calls|ring) (for|you|me|him|her|to|the|NUM|someone){0,3} RESCUE
        (need|needs|call|calling|called|send|get|want|phone|calls|for) (me|us|for|him|her|you|to|please){0,2} (an|the|a)? (ambulance|paramedics|ems)
        << (SEP|POLITE|help){0,3} (ambulance|paramedics) (SEP|POLITE|now){0,3} >>
        << (SEP|POLITE|sos|help){0,3} sos (SEP|POLITE|help|sos){0,4} >>
        << (SEP|POLITE|help|medical|real|urgent){0,4} emergency (SEP|POLITE|help|call|me|need){0,4} >>
        (is|have|having|it|this|an|am|are|there|in|need) (an|a|real|true|medical|is|serious|life threatening){0,3} emergency (>|and|i|please|here|help|now|he|she|my|call|with|come|send|what|can)
        (medical|health|life threatening) emergency
        (life or death|life and death|life threatening|dying here)
        (should|do|need|needs|must|have|going|go|headed|heading|rush|rushed|rushing|taking|drive|driving|way|take|want) (i|to|we|go|him|her|be|just|me|head|get|take|my|_|the|now|he|she|is|about|in|seen|at){0,6} (er|emergency room|emergency department|hospital) (>|for|now|and|or|with|because|about|i|right|today|please|again|since|he|she|my|is|in|if)
        (send|get) help (>|now|please|fast|quick|asap)
        << (SEP|please|somebody|someone|god|POLITE){0,3} help (me|us|him|her) (now|please now|quick|fast|hurry|right now|SEP (i am|he is|she is|it is) (scared|hurt|bad))
        something (is|feels) (really|very|seriously|terribly|horribly|badly) wrong (>|with (me|him|her|my (mom|dad|baby|son|daughter|husband|wife)))
        (need|please) help (now|fast|right now|immediately|asap|quick) SEP? (it|this|he|she|my|i|she|someone)
        """,
    ),
)
