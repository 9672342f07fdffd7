"""Words of danger in English: of dying, of harming oneself, of too many pills, of violence. See ``danger_english``."""

from __future__ import annotations

from typing import Final

from engage.domain.replies.reading import DIRECT
from engage.domain.replies.rules import Rule

HARM: Final = (
    Rule(
        "May be in danger: speaks of dying or of harming themselves.",
        DIRECT,
        """
        (suicide|suicidal|suicides|unalive|unaliving|kms|selfharm)
        self (harm|harming|harmed|injury|injuring|mutilation)
        (kill|killing|killed|hang|hanging|hung|shoot|shooting|drown|drowning|stab|stabbing|hurt|hurting|harm|harming|cut|cutting|burn|burning|starve|starving|poison|poisoning|poisoned|end|ending|off|offing|gas|electrocute|strangle|suffocate|jump) (SELF|my self|him self|her self)
        << (please|just|so|someone|somebody|god|SEP){0,3} kill me (now|please|already|SEP|POLITE){0,3} >>
        (want|wants|wanted|wish|wishing|ready|going|rather|hope|like|prefer|let|wishes|plan|planning|try|trying|tempted|think|thinking|decided|need|deserve|should|about|keep|better|off|be|dream|fantasize|scared|afraid|am|please) (to|i|could|would|can|just|me|might|he|she|they|it|of|about|really|only|be|that|were|was|will|had|have|go|off|if|am|deserve|we|thinking|going){0,5} (die|dead|dying|death|died) (?!(for|of (laughter|laughing|boredom|embarrassment|heat|hunger|shame|thirst|curiosity|cold|cuteness)|laughing|over|batter|line|tired|end|serious|on my|battery|wood))
        (i|we|KIN|NAME) (am|is|think|feel|like|i|really|literally|slowly|actually|might|be|may|could|feels|going to be|like i am|just|are|s){0,5} dying (?!(for|to|of (laughter|laughing|boredom|embarrassment|heat|hunger|shame|thirst|curiosity)|laughing|over|my|inside lol))
        << (SEP|POLITE|help|me|am){0,3} dying (SEP|POLITE|help|me|here){0,3} >>
        am (i|he|she|we) (going to)? (die|dying)
        if (i|we) (died|die|was dead|was gone|disappeared|were gone|were dead|am gone|am dead|just died|was not here|were not here)
        (no one|nobody|anyone|anybody) (would|will|even)? (really)? (even)? (miss me|care if i|notice if i|cares if i|notice i)
        not know how much longer i can (take|do|go on|stand|last|live|keep|hold|handle|bear)
        (had|have had|got) enough of (life|living|my life|this life|being alive)
        not (really|even|just|actually|honestly|truly|think i)? (want|wish|deserve|feel like|care to|care|plan|planning|going|able|even want) (to|i|me|about)? (live|living|be alive|exist|existing|be here (>|anymore|any more|any longer|tomorrow|now|no more|and|because|at all)|be on this (earth|planet)|keep living|go on living|go on (>|anymore|any more|like)|continue living|be around anymore|be around any more|be in this world|keep going)(?! (near|there|at|with|in (the|a|an|my|that)|on))
        not (want|wish) to wake up (>|anymore|any more|tomorrow|again|ever|in the morning|and)
        (wish|hope|hoping|wished|pray|praying|want|wanna) (i|that|to|would|did|could|will|just|had|was|do|be|have|fall asleep|go to sleep|sleep|and|god){1,7} (not|never) (wake|woke|been born|born|be born|exist|existed|wake up)(?! (you|him|her|them|anyone|anybody|the|my|up (you|the)))
        (and|to) never (wake|waking) up
        never (been|was|were|be) born
        (tired|sick|done|weary|exhausted|finished|fed up) (of|with)? (living|being alive|existing|life|my life|this life|staying alive|being here)
        (can|could) not (go on|keep going|keep living|go on living|live like this|live this way|continue living|live anymore|live any more|keep doing this|do life|handle life|live with this|bear to live|cope) (>|like|living|anymore|any more|any longer|this|way|with|and|i|pain|in this|much longer|at all|because)
        (can|could) not (take|do|bear|handle|stand|live) (it|this|life|living|this pain|the pain) (anymore|any more|any longer|much longer)
        (not|no) (see|any|have|find)? (a|any|the)? (reason|point|purpose|will|desire) (to|in|of|for) (live|living|going on|being alive|life|go on|be alive|keep living|keep going|existing|carrying on|carry on|anything|stay alive)
        nothing (left|else|more)? to live for
        (reason|reasons|will|nothing) to (live|go on|keep going) (>|anymore|any more|left)
        (lost|lose|losing) (my|the|all) (will|hope|reason)
        point (of|in) (living|life|going on|being alive|it all|existing|being here|carrying on|anything)
        why am i (even|still)? (alive|living)
        life (is|has|it is|feels|its|just|really|seems|not){0,4} (worth|pointless|meaningless|over|unbearable|hopeless|not worth)
        not worth (living|it anymore|it any more)
        (hate|hating) (my|this|being) (life|alive|living)
        (end|ending|ended|take|taking|took|taken|ends) (my|his|her|their|own|the|your|it){1,2} (own)? (life|lives)(?! (back|savings|into))
        (end|ending|ended) it all
        (want|going|need|ready|thinking|think|plan|planning|should|wants|about|tempted|tonight|will) (to|of|about|i|should|just|am){0,3} (end|ending) (it|things|everything) (>|all|now|tonight|today|soon|for|myself|with my life|here)
        want (it|all|everything|it all|this all) to (end|be over|be done)
        better (off)? without me (?!(there|on))
        better (off)? (if i|that i|if we) (was|were|am|died) (gone|dead|not (here|around|alive)|never born)
        << (SEP|POLITE|goodbye|this|is|the){0,4} goodbye (forever|world|cruel|everyone|everybody|for good|all)
        (this is|final|last|my) goodbye >
        (cut|cutting|slit|slitting|slashed|slash|cuts|slice|slicing|sliced) (open)? (my|his|her|their) (left|right)? (wrist|wrists|arms|throat|veins|thighs)
        (am|is|started|been|keep) cutting (again|myself|>|lately)
        (jump|jumping|leap|throw myself|step|walk|run) (off|from|in front|out|into|under) (of)? (a|the|my|this|oncoming){0,2} (bridge|roof|building|train|window|balcony|cliff|traffic|ledge|tracks|subway|bus|truck|parking garage)
        (have|got|get|bought|buy|holding|with|loaded|own|find|found) (a|my|the|his|dads|loaded){1,2} (gun|noose|rope ready|razor blade)
        gun (to|in|at) (my|his|her) (head|mouth)
        (want|going|wish|like|ready) (to|i|could|just|would){0,3} disappear (>|forever|for good|and|completely)
        no hope (left|anymore|any more|at all)
        (how|way|ways|methods|place|places) (to|i can|can i|do i|do you|painlessly){0,2} (die|kill (SELF|my self)|end it|not wake up|overdose|tie a noose)
        (take|takes) to (die|overdose|kill)
        to (just|not)? die (>|painlessly|peacefully|now|today|tonight|here|alone|anymore|any more|and|because|already)
        (noose|nooses)
        (it is|its|all|everything is) over for me
        nothing (left|here) (for me|here|anymore|any more|inside)
        no (other)? way out (>|for me|anymore|any more|of this life)
        (goodbye|suicide|final) (letter|letters|note|notes)
        (said|saying|say) (my)? (goodbye|goodbyes) to (my|everyone|everybody|people|friends|all|the kids)
        (it|it all|everything|pain|this all|all of it) to stop (forever|permanently|for good)
        (peace with|ways to|to|just|rather|and) not (wake|waking) up (>|anymore|any more|again|tomorrow|and)
        sleep forever (?!after)
        (want|ready|wish|going|wanted|tried|about) (to|i|could|just|would|am){0,3} (vanish|jump) (>|forever|for good|and|completely|off|today|tonight|now|before|from)
        (can|could) not (take|face|do|survive|live) (another|one more|any more) (day|night|days|minute|hour)
        (deserve|deserves|deserved) to (die|be hurt|suffer|be dead)
        (going|want|plan|planning|ready|about|need) to (kill|murder|shoot) (>|everyone|people|up)
        such a burden
        (am|is|feel|being|just|only) (like|just|nothing but|only|such){0,2} a burden (to|on|for) (everyone|everybody|my|all|others|people|them|the)
        pretending to be alive
        death (is|would be|seems|sounds) (the|a|my|better|easier|like)
        nothing matters (>|anymore|any more|to me)
        (given|give|giving) up (completely|entirely|on (everything|myself|living|life)) (>|now|and|today|already)
        no (point|use) (in|to)? (trying|fighting|going on|anything|anymore|any more) (anymore|any more|>)
        (saving|hoarding|stockpiling|collecting|counting) (up)? (my|all|the|all my){0,2} (pills|meds|medication|tablets)
        (exhausted|tired|worn out) (from|of) (living|life|being alive|existing)
        (hitting|punching|biting|scratching|punch|choking|hate|hating) SELF (>|again|until|to|and|on purpose|so|because|lately|when|for)
        (cut|cutting|hurt|hurting|burn|burning|scratch|scratching|starve|starving) (SELF|my (arm|arms|leg|legs|skin))? (on purpose|to cope|to feel|until i (bleed|bled))
        (relapsed|relapse|relapsing) (with|on|into|and)? cutting
        cutting (again|myself|to cope)
        break from (existing|living|being alive|life)
        not see (a|any|my|much|no) (future|point|reason|way (forward|out|through))
        (will|it will|this will) all be over (soon|>|tonight|tomorrow)
        not be (around|here|alive) (much longer|for long|by (tomorrow|then|morning|the time))
        (will|do) not have to (worry about|deal with|see) me (soon|anymore|any more|much longer|ever again|again)
        (gun|knife|razor|blade) on (SELF)
        (bought|buying|buy|found) (a|some|the) (rope|noose|razor|razors|blades) (>|and|today|tonight)
        (blade|knife|razor|gun|rope|noose|pills) (is|are)? ready
        world (would be|is|will be|would)? (much|so much|a)? better (off|place)? without
        (can|could) not stop (SELF) (>|from (hurting|cutting|killing|doing it|harming))
        not (_){0,4} (stay safe|keep myself safe|keep himself safe|keep herself safe|be safe by myself|trust myself)
        (scared|afraid|terrified|frightened) of (myself|what i (might|will|could|may|am going to))
        (he|she|they|who) (wants|want|wished|wish|wishes) (to|he|she|they){1,2} (be|was|were|could)? (die|dead|kill)
        (can|could) not (see|find|think of) (a|any|one|no) (reason|way) (to|out|forward)
        (hopeless) (and|about (life|everything|living))
        (feel|feeling|am|so|feels|is) (so|very|completely|totally|just|like|utterly|it is|i am){0,2} (hopeless|worthless) (>|and|lately|anymore|all)
        (giving|give|gave|given) up (on)? (life|living|my life)
        (giving|give) up (on)? everything
        (do not|not|no) (see|is)? (a|any)? way out >
        """,
    ),
    Rule(
        "May be in danger: speaks of an overdose or of poison.",
        DIRECT,
        """
        (overdose|overdosed|overdosing|overdoses|od)
        (took|taken|take|taking|swallowed|swallowing|ate|popped|downed|drank|had|swallow|given|gave|takes) (way|a|the|my|whole|entire|all|me|him|her|an){0,3} (too many|too much|whole bottle|entire bottle|full bottle|handful|bunch|bottle|double|triple|lots|a lot) (of)? (of|my|his|her|the|pain|sleeping|whole|those|these|UNKNOWN){0,3} MED
        (took|taken|swallowed|swallowing|ate|popped|downed) (all|every|every last|all of|the rest of) (of)? (my|his|her|the|those|one of){0,2} (pain|sleeping|UNKNOWN)? (pills|pill|tablets|capsules|painkillers|xanax|tylenol|ambien|insulin)
        (took|swallowed|ate|popped|downed|taken) (about|like|around|at least|over|more than|almost)? BIG (of)? (of|my|his|her|the|pain|sleeping|UNKNOWN|mg|those){0,3} (pills|pill|tablets|capsules|tylenol|xanax)
        (going|want|about|thinking|gonna|plan|planning|ready|could|might) (to|of|about|i|just){0,2} (take|taking|swallow|swallowing) (all|every|the whole|a whole|a bunch|a bottle|a handful|too many|everything|the rest) _{0,4} MED
        (took|swallowed|drank|downed|taken|ate) (the|a|my|his|her) (whole|entire|full) (bottle|thing|pack|box) (>|of (my|his|her|the|UNKNOWN|pain|sleeping){0,2} (MED|POISON)|and|at once)
        (whole|entire|full) bottle of (my|his|her|the|UNKNOWN|pain|sleeping){0,2} MED
        too (many|much) (of)? (my|his|her|the|of|UNKNOWN|pain|sleeping){0,2} (pills|pill|medication|medicine|meds|tablets|xanax|insulin|painkillers)
        (drank|swallowed|ingested|drink|drunk|drinking|swallow|ate|got into|inhaled) (some|the|a|my|bottle of|bit of|rat){0,3} POISON
        (took|taken|swallowed) more (of)? _{0,3} than (i should|i was supposed|prescribed|the dose|i am supposed|she should|he should|they should|you are supposed)
        (mixed|mixing|mix|took) (my|the|some|all|her|his){0,2} MED (with|and) (alcohol|booze|vodka|wine|whiskey|beer|liquor)
        MED (and|with) (alcohol|booze|vodka|whiskey|liquor)
        (swallowed|swallow) too many
        (took|taken|taking|take) (my|the|his|her|all)? _{0,3} (MED|insulin|dose) twice
        (double|triple) (dose|dosed|dosing|overdose)
        (poisoned|poison)
        (took|used|shot up|did|snorted|injected|laced with) (some)? (fentanyl|heroin|meth)
        """,
    ),
    Rule(
        "May be in danger: speaks of violence.",
        DIRECT,
        """
        (KIN|NAME|they|somebody|who) (SEP|is|keeps|just|has|was|been|tried|to|always|again|and|beats|hits|started|keep|are){0,4} (hits|hit|hitting|beats|beat|beating|abusing|abuses|abused|strangled|strangling|choked|punched|kicked|raped|assaulted|attacked|threatening|threatened|stabbed|slapped|molested) me (?!up)
        (being|been|was|got|am) (physically|sexually|badly)? (abused|raped|assaulted|beaten|stabbed|shot|molested|held hostage|kidnapped|attacked|strangled)
        not (feel)? safe (at home|with (him|her|them|my)|in my (house|home)|here|>)
        (KIN|NAME|they|somebody) (SEP|is|says|said|will|would|wants|want|going|to|tried|threatened|threatening|he|she|am|afraid|keeps|saying|trying){0,6} (kill|killing|hurt|shoot|murder|stab|strangle) me
        (want|going|gonna|might|thinking|feel like|plan|could|will|thoughts|urge|wants|planning|think|about|voices telling me) (to|of|about|i|just|like|am|might){0,3} (kill|killing|hurt|hurting|shoot|shooting|stab|stabbing|harm|harming|murder|strangle) (someone|somebody|him|her|them|people|everyone|everybody|others|other people|my (husband|wife|kids|mother|father|family|children|baby|ex|boyfriend|girlfriend|son|daughter|parents|neighbor|coworkers|partner)|you|that man|that woman)
        (KIN|NAME|somebody|they) (is|are|keeps|keep|was|has been|been){1,2} hurting (me|us|him|her|my (son|daughter|kids|mom|baby))
        (scared|afraid|terrified|fear|feared|fearing|frightened) (for my (life|safety)|to (go|be|come) home|to be (home|alone) with)
        (sexual|physical|child|elder) (abuse|assault)
        (being|been|am|was) (threatened|stalked|followed home|held against|trafficked)
        (am|is|are|we are|my life is) in danger
        << (SEP|help|please){0,3} in danger
        (scared|afraid|terrified) of (my|him) (husband|boyfriend|partner|ex|>)
        domestic (violence|abuse)
        """,
    ),
)
